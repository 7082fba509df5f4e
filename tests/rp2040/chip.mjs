// An RP2040 in rp2040js, booted: its ROM, a firmware, and what stands in flash behind it.
import fs from 'node:fs';
import { createRequire } from 'node:module';

export const FLASH = 0x10000000, MODULES_AT = 0x10080000, RAM = 0x20000000;

// The package and the simulator, whose core is about to execute the first instruction; `modules` is a file, or `-`.
export function boot(library, bootrom, firmware, modules) {
  const rp2040js = createRequire(import.meta.url)(library), sim = new rp2040js.Simulator();
  const { rp2040: mcu } = sim, { core } = mcu;
  mcu.logger = new rp2040js.ConsoleLogger(rp2040js.LogLevel.Error, false);
  // The ROM first: loading it wipes the flash.
  mcu.loadBootrom(new Uint32Array(new Uint8Array(fs.readFileSync(bootrom)).buffer));
  const elf = fs.readFileSync(firmware);
  const headers = elf.readUInt32LE(28), count = elf.readUInt16LE(44), size = elf.readUInt16LE(42);
  for (let n = 0; n < count; n++) {
    const at = headers + n * size, [kind, offset, , address, len] = [0, 4, 8, 12, 16].map((o) => elf.readUInt32LE(at + o));
    if (kind === 1 && len && address >= FLASH) mcu.flash.set(elf.subarray(offset, offset + len), address - FLASH);
  }
  if (modules !== '-') mcu.flash.set(fs.readFileSync(modules), MODULES_AT - FLASH);

  // As the second stage of booting does it: the vector table lies behind it.
  core.VTOR = FLASH + 0x100;
  core.SP = mcu.readUint32(core.VTOR);
  core.PC = mcu.readUint32(core.VTOR + 4) & ~1;
  return { rp2040js, sim };
}
