// An RP2040 in rp2040js, whose wires are somebody else's: what happens on them is told on standard output, a line each, and
// every line is answered on standard input. Both are waited for, so that the two clocks are one.
//
//   node emulator.mjs RP2040JS BOOTROM FIRMWARE.elf MODULES|- SECONDS uart|usb STILL
//
// From STILL seconds on the core stands still, as after a fault, and only the clock goes on.
//
// told:     TIME_NS WHAT [ARGUMENTS]      i2c (s address reads, w byte, r, p), spi (c selected, b byte), pin (g number level),
//                                         serial output (u hex, v hex for USB), watchdog (d), an input is due (t), the end (e counts)
// answered: VALUE NEXT_NS BUTTON ALERT POT STOP [INPUT]   the byte or acknowledgement; when an input is due; the inputs;
//                                         1 to stop; bytes for the serial port that is named last, in hex
import fs from 'node:fs';
import { boot, RAM } from './chip.mjs';

const [, , library, bootrom, firmware, modules, seconds, typed, still] = process.argv;
const LED0 = 25, LED1 = 15, BUTTON = 14, ALERT = 13, SELECT = 17, POT_CHANNEL = 0;
const PAINT = 0xa5c33c5a, CYCLE_NS = 8, USB_NS = 5e6;

const { rp2040js: { GPIOPinState, USBCDC }, sim } = boot(library, bootrom, firmware, modules);
const { rp2040: mcu, clock } = sim, { core } = mcu;
// SEV is logged and does nothing more; embassy's executor wakes itself by it.
mcu.logger.info = (_, message) => { if (message === 'SEV') core.eventRegistered = true; };
const stackTop = core.SP;

// No flash chip is modelled: the ROM's functions for it work on the emulator's array.
const hooks = new Map();
for (let at = mcu.readUint16(0x14); mcu.readUint16(at); at += 4) {
  const code = String.fromCharCode(mcu.readUint16(at) & 0xff, mcu.readUint16(at) >> 8), entry = mcu.readUint16(at + 2) & ~1;
  const R = core.registers;
  if (code === 'RE') hooks.set(entry, () => mcu.flash.fill(0xff, R[0], R[0] + R[1]));
  if (code === 'RP') hooks.set(entry, () => { for (let i = 0; i < R[2]; i++) mcu.flash[R[0] + i] &= mcu.readUint8((R[1] >>> 0) + i); });
  if (['IF', 'EX', 'FC', 'CX'].includes(code)) hooks.set(entry, () => {});
}

let next = Infinity, stopped = false, input = Buffer.alloc(0), uart = [], usb = [];
const line = Buffer.alloc(1);

function answer() {
  let text = '';
  for (;;) {
    let got = 0;
    try { got = fs.readSync(0, line, 0, 1); } catch (error) { if (error.code === 'EAGAIN') continue; throw error; }
    if (got === 0) process.exit(3);
    if (line[0] === 10) return text.split(' ');
    text += String.fromCharCode(line[0]);
  }
}
function exchange(text) {
  fs.writeSync(1, `${Math.round(clock.nanos)} ${text}\n`);
  const [value, until, button, alert, pot, stop, bytes] = answer();
  next = Number(until);
  if (mcu.gpio[BUTTON].rawInputValue !== (button === '1')) mcu.gpio[BUTTON].setInputValue(button === '1');
  if (mcu.gpio[ALERT].rawInputValue !== (alert === '1')) mcu.gpio[ALERT].setInputValue(alert === '1');
  mcu.adc.channelValues[POT_CHANNEL] = Number(pot);
  stopped ||= stop === '1';
  const keys = Buffer.from(bytes ?? '', 'hex');
  if (typed === 'usb' && keys.length) typeOnUsb(keys); else for (const byte of keys) mcu.uart[0].feedByte(byte);
  return Number(value);
}
function flush() {
  if (uart.length) { const text = Buffer.from(uart).toString('hex'); uart = []; exchange(`u ${text}`); }
  if (usb.length) { const text = Buffer.from(usb).toString('hex'); usb = []; exchange(`v ${text}`); }
}
function tell(text) { flush(); return exchange(text); }

const i2c = mcu.i2c[0];
// What the controller's state machine leaves out: it is idle again, and says so, after nobody answered.
const nobody = () => { i2c.intRaw |= (1 << 4) | (1 << 9); i2c.checkInterrupts(); };
i2c.onStart = () => i2c.completeStart();
i2c.onConnect = (address, mode) => { const ack = tell(`s ${address} ${mode}`) === 1; i2c.completeConnect(ack); if (!ack) nobody(); };
i2c.onWriteByte = (byte) => { const ack = tell(`w ${byte}`) === 1; i2c.completeWrite(ack); if (!ack) nobody(); };
i2c.onReadByte = () => i2c.completeRead(tell('r'));
i2c.onStop = () => { tell('p'); i2c.completeStop(); };
mcu.spi[0].onTransmit = (byte) => mcu.spi[0].completeTransmit(tell(`b ${byte}`));
mcu.gpio[SELECT].addListener((state, before) => {
  const low = state === GPIOPinState.Low;
  if (low !== (before === GPIOPinState.Low)) tell(`c ${low ? 1 : 0}`);
});
for (const pin of [LED0, LED1]) {
  mcu.gpio[pin].addListener((state) => { if (state <= GPIOPinState.High) tell(`g ${pin === LED0 ? 0 : 1} ${state}`); });
}
mcu.uart[0].onByte = (byte) => {
  uart.push(byte);
  if (byte !== 10) return;
  const text = Buffer.from(uart).toString();
  if (text.includes('wasmote: running ')) { bootStack ||= used(); paint(); inGuest = true; }
  if (text.includes(' bytes of memory at most')) { guestStack = Math.max(guestStack, used()); inGuest = false; }
  flush();
};
const cdc = new USBCDC(mcu.usbCtrl);
// A terminal opens the port (DTR and RTS). The package asks the device for it, which is not whom a real host asks: the interface.
cdc.cdcSetControlLineState = () => { cdc.initialized = true; mcu.usbCtrl.sendSetupPacket(Uint8Array.of(0x21, 0x22, 3, 0, 0, 0, 0, 0)); };
// Waits for the terminal, and then for the firmware to see that it is there.
const typeOnUsb = (keys) => {
  const alarm = clock.createAlarm(() => cdc.initialized ? mcu.usbCtrl.endpointReadDone(cdc.outEndpoint, keys) : alarm.schedule(USB_NS));
  alarm.schedule(USB_NS);
};
cdc.onSerialData = (bytes) => usb.push(...bytes);
Object.values(mcu.peripherals).find((part) => 'onWatchdogTrigger' in part).onWatchdogTrigger = () => { tell('d'); end(); };

// The native stack, painted below the stack pointer.
let bootStack = 0, guestStack = 0, inGuest = false;
const word = (at) => new DataView(mcu.sram.buffer, mcu.sram.byteOffset).getUint32(at - RAM, true);
function paint() {
  const view = new DataView(mcu.sram.buffer, mcu.sram.byteOffset);
  for (let at = RAM; at < core.SP; at += 4) view.setUint32(at - RAM, PAINT, true);
}
function used() {
  let at = RAM;
  while (at < stackTop && word(at) === PAINT) at += 4;
  return stackTop - at;
}
paint();

let instructions = 0, sleeps = 0, slept = 0, wasWaiting = false;
const limit = Number(seconds) * 1e9;
exchange('t');
while (!stopped && clock.nanos < limit) {
  if (clock.nanos >= next) { tell('t'); continue; }
  if (clock.nanos >= still * 1e9) { clock.tick(1e5); continue; }
  if (core.waiting) {
    if (!wasWaiting) sleeps++;
    wasWaiting = true;
    const alarm = clock.nanosToNextAlarm || Infinity, pause = Math.max(1, Math.min(alarm, next - clock.nanos, limit - clock.nanos));
    slept += pause;
    clock.tick(pause);
    continue;
  }
  wasWaiting = false;
  if (core.PC < 0x4000) { const hook = hooks.get(core.PC & ~1); if (hook) { hook(); core.PC = core.registers[14] & ~1; continue; } }
  clock.tick(core.executeInstruction() * CYCLE_NS);
  instructions++;
}
end();
// From within the emulator too: after a bite its watchdog would bite again, at the same time, for ever.
function end() {
  flush();
  const counts = { instructions, sleeps, slept_us: Math.round(slept / 1000), total_us: Math.round(clock.nanos / 1000), boot_stack: bootStack, stack: inGuest ? Math.max(guestStack, used()) : guestStack || used() };
  fs.writeSync(1, `${Math.round(clock.nanos)} e ${Object.entries(counts).map((pair) => pair.join('=')).join(' ')}\n`);
  process.exit(0);
}
