// api-token.ts: prints the token of the cluster's Secret, for a variable of the scripts and never for a screen.
import { stdout } from 'node:process'
import { readArguments } from './arguments.ts'
import { apiToken } from './secret-token.ts'

stdout.write(await apiToken(readArguments().profile))
