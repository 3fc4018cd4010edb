// What is typed wrong, or not confirmed: refused before anything is asked.
import { type Case, there } from './cases.ts'

export const usageCases: readonly Case[] = [
  { name: 'an unknown word', words: ['deploy'], outcome: 'usage', says: /unknown word deploy/ },
  { name: 'an unknown option', words: ['up', '--fast=1'], outcome: 'usage', says: /--fast/ },
  { name: 'an option without its value', words: ['up', '--cpu'], outcome: 'usage', says: /--cpu/ },
  {
    name: 'an option with a wrong value',
    words: ['up', '--replicas', '9'],
    outcome: 'usage',
    says: /--replicas 9: expects a whole number from 2 to 5/,
  },
  ...['down', 'down --data', 'down --cluster'].map((line) => ({
    name: `${line} without a terminal and without --yes`,
    words: line.split(' '),
    facts: there,
    outcome: 'declined' as const,
    says: /nothing was removed: there is no terminal to ask in; --yes confirms/,
  })),
  ...(
    [
      ['up --fast', /unknown option --fast/],
      ['-w', /unknown option -w/],
      ['-d', /unknown option -d/],
      ['down -c', /unknown option -c/],
      ['down -y', /unknown option -y/],
      ['down -da', /unknown option -da/],
      ['up --dry', /unknown option --dry/],
      ['up -Dry', /unknown option -Dry/],
      ['up --DRY-RUN', /unknown option --DRY-RUN/],
      ['up ---dry-run', /unknown option ---dry-run/],
      ['up -Debug', /unknown option -Debug/],
      ['up -Verbose', /unknown option -Verbose/],
      ['up --', /unknown option --/],
      ['status --yes', /--yes belongs to down and up, status does not know it/],
      ['status --data', /--data belongs to down/],
      ['logs --minutes 3', /--minutes belongs to load/],
      ['load --minutes abc', /--minutes abc: expects a number from 0.1 to 60/],
      ['load --clients 0', /--clients 0: expects a whole number/],
      ['load --clients abc', /--clients abc: expects a whole number/],
      ['up --api-token some', /--api-token some: expects none, writes or all/],
      ['up --storage 5', /--storage 5: expects a size/],
      ['up --memory much', /--memory much: expects a size/],
      ['test --url ftp://x', /--url ftp:\/\/x: expects http/],
      ['up --dry-run=1', /--dry-run takes no value/],
      ['push a/b --platform arm64', /--platform arm64: expects a list such as linux\/amd64,/],
      ['up --platform linux/arm64', /--platform belongs to push, up does not know it/],
    ] as const
  ).map(([line, says]) => ({
    name: line,
    words: line.split(' '),
    facts: there,
    outcome: 'usage' as const,
    says,
  })),
  {
    name: 'a profile with a space',
    words: ['up', '--profile', 'a b'],
    outcome: 'usage',
    says: /--profile a b: expects two or more letters/,
  },
  { name: 'push without a name', words: ['push'], outcome: 'usage', says: /push needs a name/ },
]
