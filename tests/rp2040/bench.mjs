// A firmware that measures, on an RP2040 in rp2040js: semihosting, and a counter, which the chip does not have.
//
//   node bench.mjs RP2040JS BOOTROM FIRMWARE.elf IMAGE
//
// The counter is read as QEMU's timer is: a register that goes down by one with each instruction. Cycles are counted between the
// same two readings, and told behind the firmware's report. They are the emulator's: it knows the core's (two for a load or a
// store, a taken branch, and so on, more on a peripheral's bus), and takes flash for as fast as RAM.
import fs from 'node:fs';
import { boot } from './chip.mjs';

const [, , library, bootrom, firmware, image] = process.argv;
const { sim: { rp2040: mcu } } = boot(library, bootrom, firmware, image), { core } = mcu;

// A page of addresses at which the chip has nothing. What is measured is in the order of tests/chip/src/firmware/bench.rs.
const COUNTER = 0x40070, VALUE = 4, MEASURED = ['native', 'load', 'run'];
let instructions = 0;
const readings = [];
mcu.peripherals[COUNTER] = {
  readUint32: (register) => { if (register === VALUE) readings.push(core.cycles); return ~instructions >>> 0; },
  writeUint32Atomic: () => {},
};

function end(code) {
  const cycles = MEASURED.map((what, n) => [what, readings[2 * n + 1] - readings[2 * n]]).filter(([, count]) => count >= 0);
  fs.writeSync(1, cycles.map(([what, count]) => ` ${what}_cycles=${count}`).join(''));
  process.exit(code);
}

// The calls of Arm's semihosting that the firmware makes: their numbers, and what they are given in a block of words.
const STDOUT = 1, STDERR = 2, APPEND = 8, ARGUMENTS = 'firmware flash';
const calls = {
  0x01: (_, mode) => mode < APPEND ? STDOUT : STDERR,
  0x02: () => 0,
  0x05: (stream, from, len) => { fs.writeSync(stream, Uint8Array.from({ length: len }, (_, n) => mcu.readUint8(from + n))); return 0; },
  0x15: (to, _, block) => {
    [...`${ARGUMENTS}\0`].forEach((letter, n) => mcu.writeUint8(to + n, letter.charCodeAt(0)));
    mcu.writeUint32(block + 4, ARGUMENTS.length);
    return 0;
  },
  0x20: (_, code) => end(code),
};
mcu.onBreak = (code) => {
  const [call, block] = core.registers, serve = code === 0xab && calls[call];
  if (!serve) {
    fs.writeSync(STDERR, `break ${code} at ${(core.PC - 2).toString(16)}, call ${call}\n`);
    process.exit(3);
  }
  const words = [0, 4, 8].map((at) => mcu.readUint32((block >>> 0) + at));
  core.registers[0] = call === 0x15 ? serve(words[0], words[1], block >>> 0) : serve(...words);
};

for (;;) {
  core.executeInstruction();
  instructions++;
}
