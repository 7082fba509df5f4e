// Copies a file to another name through a small buffer, reads the copy back, and prints its length and checksum. The shim of
// AssemblyScript has no files, so this calls WASI itself. Every failure names the file and the error.
import {
  errnoToString, fd, fd_close, fd_read, fd_write, oflags, path_open, rights,
} from "./node_modules/@assemblyscript/wasi-shim/assembly/bindings/wasi_snapshot_preview1";

// The folder that the guest gets.
const ROOT: fd = 3;
const BUFFER_BYTES: usize = 300;
const buffer = memory.data(300);
// A vector of one part, and what a call answers with.
const part = memory.data(8);
const answer = memory.data(8);

function fail(what: string, name: string, error: u16): void {
  console.log("cannot " + what + " " + name + ": " + errnoToString(error));
  process.exit(1);
}

function open(name: string, how: oflags, may: rights): fd {
  const path = String.UTF8.encode(name);
  const error = path_open(ROOT, 1, changetype<usize>(path), path.byteLength, how, may, 0, 0, answer);
  if (error) fail(how ? "create" : "open", name, error);
  return load<u32>(answer);
}

function read(from: fd, name: string): usize {
  store<usize>(part, buffer);
  store<usize>(part, BUFFER_BYTES, sizeof<usize>());
  const error = fd_read(from, part, 1, answer);
  if (error) fail("read", name, error);
  return load<usize>(answer);
}

function write(to: fd, name: string, len: usize): void {
  let done: usize = 0;
  while (done < len) {
    store<usize>(part, buffer + done);
    store<usize>(part, len - done, sizeof<usize>());
    const error = fd_write(to, part, 1, answer);
    if (error) fail("write", name, error);
    done += load<usize>(answer);
  }
}

function copy(from: string, to: string): void {
  const source = open(from, 0, rights.FD_READ);
  const target = open(to, oflags.CREAT | oflags.TRUNC, rights.FD_WRITE);
  for (let len = read(source, from); len > 0; len = read(source, from)) write(target, to, len);
  fd_close(source);
  const error = fd_close(target);
  if (error) fail("close", to, error);
}

// The sum of Adler, which sees order and zeros as well.
function report(name: string): void {
  const file = open(name, 0, rights.FD_READ);
  let low: u32 = 1, high: u32 = 0, total: u32 = 0;
  for (let len = read(file, name); len > 0; len = read(file, name)) {
    for (let i: usize = 0; i < len; i++) {
      low = (low + load<u8>(buffer + i)) % 65521;
      high = (high + low) % 65521;
    }
    total += <u32>len;
  }
  fd_close(file);
  const sum = (high << 16 | low).toString(16).padStart(8, "0");
  console.log(name + ": " + total.toString() + " bytes, adler32 " + sum);
}

const names = process.argv.slice(1);
if (names.length != 2) {
  console.log("usage: copy FROM TO");
  process.exit(2);
}
copy(names[0], names[1]);
report(names[1]);
