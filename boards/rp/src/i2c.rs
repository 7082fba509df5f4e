//! The I2C controller, from its registers.
//!
//! The HAL's own driver looks at the controller's abort only when a buffer of 16 bytes is full, and leaves the flag of a stop
//! standing after a read; a short write to nobody would succeed, and a write after a read would be cut off by the next
//! transfer. Here every byte is asked after, and a transfer is over when the stop was seen.

use super::hal::pac::{RESETS, i2c0::RegisterBlock};
use core::ops::Deref;
use embedded_hal::i2c::{ErrorKind, NoAcknowledgeSource, Operation};
use wasmote_wasi_embedded::Address;
use wasmote_wasi_embedded::device::I2cBus;

/// Reasons of an abort: no acknowledgement of an address of 7 bits or of either byte of one of 10, and of a byte.
const NOBODY: u32 = 0b0111;
const REFUSED: u32 = 0b1000;
const ARBITRATION: u32 = 1 << 12;
/// How long a transfer may stand still, in looks at the controller: a device that holds the clock for longer is broken.
const PATIENCE: u32 = 1_000_000;

/// A controller with its pins, which are whoever's that made it.
pub struct Controller<B> {
    block: B,
    system_hz: u32,
}

/// The controller's reset.
pub trait Reset {
    /// Takes it out of reset.
    fn bring_up(resets: &mut RESETS);
}

impl Reset for super::hal::pac::I2C0 {
    fn bring_up(resets: &mut RESETS) {
        resets.reset().modify(|_, w| w.i2c0().set_bit());
        resets.reset().modify(|_, w| w.i2c0().clear_bit());
        while resets.reset_done().read().i2c0().bit_is_clear() {}
    }
}

impl<B: Deref<Target = RegisterBlock> + Reset> Controller<B> {
    /// A controller whose pins have been given to it, for a clock of the whole chip of `system_hz`.
    pub fn new(block: B, resets: &mut RESETS, system_hz: u32) -> Controller<B> {
        B::bring_up(resets);
        let mut controller = Controller { block, system_hz };
        controller.set_clock(100_000);
        controller
    }

    /// The bus' clock; at most 1 MHz.
    pub fn set_clock(&mut self, clock_hz: u32) {
        let clock_hz = clock_hz.clamp(10_000, 1_000_000);
        let period = (self.system_hz + clock_hz / 2) / clock_hz;
        let (low, high) = (period * 3 / 5, period - period * 3 / 5);
        // The data line changes 300 ns after the clock fell, or 120 ns at the fastest.
        let hold = if clock_hz < 1_000_000 { self.system_hz / 3_333_333 } else { self.system_hz / 8_333_333 } + 1;
        let block = &*self.block;
        block.ic_enable().write(|w| w.enable().disabled());
        block.ic_con().write(|w| {
            w.master_mode().enabled().ic_slave_disable().slave_disabled().speed().fast().ic_restart_en().enabled();
            w.tx_empty_ctrl().enabled().rx_fifo_full_hld_ctrl().enabled()
        });
        // SAFETY: the counts fit their fields, for no clock is slower than 10 kHz and no chip faster than 600 MHz.
        unsafe {
            block.ic_fs_scl_hcnt().write(|w| w.ic_fs_scl_hcnt().bits(high as u16));
            block.ic_fs_scl_lcnt().write(|w| w.ic_fs_scl_lcnt().bits(low as u16));
            block.ic_fs_spklen().write(|w| w.ic_fs_spklen().bits((low / 16).clamp(1, 255) as u8));
            block.ic_sda_hold().modify(|_, w| w.ic_sda_tx_hold().bits(hold as u16));
        }
    }

    /// Does all operations between one start and one stop.
    fn run(&mut self, address: Address, operations: &mut [Operation<'_>]) -> Result<(), ErrorKind> {
        let count = operations.iter().map(len).sum::<usize>();
        if count == 0 {
            // The controller cannot send an address alone.
            return if operations.is_empty() { Ok(()) } else { Err(ErrorKind::Other) };
        }
        let outcome = self.begin(address).and_then(|()| self.bytes(operations, count));
        let stopped = self.stopped();
        self.abort().and(outcome).and(stopped)
    }

    fn begin(&mut self, address: Address) -> Result<(), ErrorKind> {
        let block = &*self.block;
        block.ic_enable().write(|w| w.enable().disabled());
        let ten = matches!(address, Address::Ten(_));
        if address.number() > 0x3ff {
            return Err(ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address));
        }
        block.ic_con().modify(|_, w| w.ic_10bitaddr_master().bit(ten));
        // SAFETY: the field has 10 bits, and so has the address.
        block.ic_tar().write(|w| unsafe { w.ic_tar().bits(address.number()) });
        block.ic_enable().write(|w| w.enable().enabled());
        // Reading it clears everything that an earlier transfer left.
        block.ic_clr_intr().read();
        Ok(())
    }

    fn bytes(&mut self, operations: &mut [Operation<'_>], mut left: usize) -> Result<(), ErrorKind> {
        let mut reads = None;
        for operation in operations {
            match operation {
                Operation::Write(bytes) => {
                    for byte in *bytes {
                        left -= 1;
                        self.command(*byte, false, reads.replace(false) == Some(true), left == 0)?;
                    }
                }
                Operation::Read(bytes) => {
                    for byte in bytes.iter_mut() {
                        left -= 1;
                        self.command(0, true, reads.replace(true) == Some(false), left == 0)?;
                        self.wait(|block| block.ic_rxflr().read().bits() != 0)?;
                        *byte = self.block.ic_data_cmd().read().dat().bits();
                    }
                }
            }
        }
        Ok(())
    }

    /// Has one byte transferred.
    fn command(&mut self, byte: u8, read: bool, restart: bool, stop: bool) -> Result<(), ErrorKind> {
        self.wait(|block| block.ic_status().read().tfnf().bit_is_set())?;
        self.block.ic_data_cmd().write(|w| {
            w.cmd().bit(read).restart().bit(restart).stop().bit(stop);
            // SAFETY: any byte is one.
            unsafe { w.dat().bits(byte) }
        });
        Ok(())
    }

    /// Waits until something is so, or the controller gives up.
    fn wait(&mut self, is_so: impl Fn(&RegisterBlock) -> bool) -> Result<(), ErrorKind> {
        for _ in 0..PATIENCE {
            if self.block.ic_raw_intr_stat().read().tx_abrt().bit_is_set() {
                return Err(ErrorKind::Other);
            }
            if is_so(&self.block) {
                return Ok(());
            }
        }
        Err(ErrorKind::Bus)
    }

    /// Waits for the stop, which the controller sends by itself when it gives up.
    fn stopped(&mut self) -> Result<(), ErrorKind> {
        for _ in 0..PATIENCE {
            if self.block.ic_raw_intr_stat().read().stop_det().bit_is_set() {
                return Ok(());
            }
        }
        Err(ErrorKind::Bus)
    }

    /// Why the controller gave up, if it did.
    fn abort(&mut self) -> Result<(), ErrorKind> {
        let reason = self.block.ic_tx_abrt_source().read().bits() & 0xFFFF;
        self.block.ic_clr_tx_abrt().read();
        match reason {
            0 => Ok(()),
            reason if reason & NOBODY != 0 => Err(ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address)),
            reason if reason & REFUSED != 0 => Err(ErrorKind::NoAcknowledge(NoAcknowledgeSource::Data)),
            reason if reason & ARBITRATION != 0 => Err(ErrorKind::ArbitrationLoss),
            _ => Err(ErrorKind::Other),
        }
    }
}

fn len(operation: &Operation<'_>) -> usize {
    match operation {
        Operation::Read(bytes) => bytes.len(),
        Operation::Write(bytes) => bytes.len(),
    }
}

impl<B: Deref<Target = RegisterBlock> + Reset> I2cBus for Controller<B> {
    fn read(&mut self, address: Address, into: &mut [u8]) -> Result<(), ErrorKind> {
        self.run(address, &mut [Operation::Read(into)])
    }
    fn write(&mut self, address: Address, from: &[u8]) -> Result<(), ErrorKind> {
        self.run(address, &mut [Operation::Write(from)])
    }
    fn write_read(&mut self, address: Address, from: &[u8], into: &mut [u8]) -> Result<(), ErrorKind> {
        self.run(address, &mut [Operation::Write(from), Operation::Read(into)])
    }
    fn transaction(&mut self, address: Address, operations: &mut [Operation<'_>]) -> Result<(), ErrorKind> {
        self.run(address, operations)
    }
}
