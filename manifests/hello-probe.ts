// A readiness probe for mongod that needs no mongosh, which costs 300 to 500 m of CPU per check.
// bash speaks TCP itself, so one `hello` of MongoDB's wire protocol is a printf. It needs no log-in.

const int32 = (number: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(number)
  return bytes
}
const cstring = (text: string) => Buffer.from(`${text}\0`, 'latin1')

/** The message: OP_MSG with the BSON document {hello: 1, $db: 'admin'}. */
export function helloMessage(): Buffer {
  const fields = Buffer.concat([
    Buffer.of(0x10), // an int32
    cstring('hello'),
    int32(1),
    Buffer.of(0x02), // a string, its length first
    cstring('$db'),
    int32('admin'.length + 1),
    cstring('admin'),
    Buffer.of(0), // the end
  ])
  const document = Buffer.concat([int32(fields.length + 4), fields])
  const header = [1, 0, 2013].map(int32) // request id, in reply to, OP_MSG
  const body = Buffer.concat([...header, int32(0), Buffer.of(0), document]) // flags, section kind 0
  return Buffer.concat([int32(body.length + 4), body])
}

/** Succeeds if the server on the port says that it takes writes; about 10 ms. */
export function helloScript(port: number): string {
  const escaped = [...helloMessage()].map((byte) =>
    /[a-z$]/.test(String.fromCharCode(byte))
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).padStart(2, '0')}`,
  )
  // dd, because it returns what one read brought, while head would wait for more. In the answer the
  // field's name ends in 00, and a BSON true is 01.
  return `exec 3<>/dev/tcp/127.0.0.1/${port}
printf '${escaped.join('')}' >&3
timeout 2 dd bs=16384 count=1 <&3 2>/dev/null | LC_ALL=C grep -qaP 'isWritablePrimary\\x00\\x01'
`
}
