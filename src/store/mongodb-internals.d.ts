// The one class of the driver that its own types leave out (see mongo-write.ts).
declare module 'mongodb/lib/cmap/commands.js' {
  export class DocumentSequence {
    constructor(field: string)
    /** `document` is only what command monitoring shows; `bson` is what is sent. */
    push(document: object, bson: Uint8Array): number
  }
}
