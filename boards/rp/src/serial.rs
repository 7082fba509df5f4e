//! The serial ports: a UART, and USB as a CDC device. Both say the same; what comes from either is input.
//!
//! The UART sets the pace: a guest that prints faster than it sends waits. USB gets what it takes while a terminal is there,
//! so that nobody has to listen.

use super::hal::gpio::{FunctionUart, Pin, PullDown, bank0};
use super::hal::pac::{UART0, interrupt};
use super::hal::uart::{Enabled, UartPeripheral};
use super::hal::usb::UsbBus;
use super::{BELL, chip};
use heapless::Deque;
use usb_device::UsbError;
use usb_device::device::UsbDevice;
use usbd_serial::SerialPort;

/// Bytes on their way out, to each port.
const OUTPUT_BYTES: usize = 192;
/// Bytes that have come and were not read.
const INPUT_BYTES: usize = 128;

/// The UART with its pins: to the other side, from it.
pub(crate) type Uart = UartPeripheral<
    Enabled,
    UART0,
    (Pin<bank0::Gpio0, FunctionUart, PullDown>, Pin<bank0::Gpio1, FunctionUart, PullDown>),
>;

/// USB as a serial port.
pub(crate) struct Usb {
    pub(crate) device: UsbDevice<'static, UsbBus>,
    pub(crate) port: SerialPort<'static, UsbBus>,
    output: Deque<u8, OUTPUT_BYTES>,
}

impl Usb {
    pub(crate) fn new(device: UsbDevice<'static, UsbBus>, port: SerialPort<'static, UsbBus>) -> Usb {
        Usb { device, port, output: Deque::new() }
    }

    /// Moves what can be moved.
    fn pump(&mut self, input: &mut Deque<u8, INPUT_BYTES>) {
        let mut packet = [0; 64];
        if self.device.poll(&mut [&mut self.port])
            && let Ok(count) = self.port.read(&mut packet)
        {
            packet.iter().take(count).for_each(|byte| keep(input, *byte));
        }
        if !self.port.dtr() {
            self.output.clear();
        }
        while let (first, _) = self.output.as_slices()
            && !first.is_empty()
        {
            match self.port.write(first) {
                Ok(count) => {
                    for _ in 0..count {
                        self.output.pop_front();
                    }
                }
                Err(UsbError::WouldBlock) | Err(_) => break,
            }
        }
        let _ = self.port.flush();
    }
}

/// Keeps a byte that has come. What has no room is lost, as at every serial port without flow control.
fn keep(input: &mut Deque<u8, INPUT_BYTES>, byte: u8) {
    let _ = input.push_back(byte);
}

/// Both ports.
pub(crate) struct Ports {
    uart: Uart,
    usb: Usb,
    output: Deque<u8, OUTPUT_BYTES>,
    input: Deque<u8, INPUT_BYTES>,
}

impl Ports {
    pub(crate) fn new(mut uart: Uart, usb: Usb) -> Ports {
        uart.enable_rx_interrupt();
        Ports { uart, usb, output: Deque::new(), input: Deque::new() }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> usize {
        let count = bytes.len().min(self.room());
        for byte in bytes.iter().take(count) {
            let _ = self.output.push_back(*byte);
            let _ = self.usb.output.push_back(*byte);
        }
        self.pump_uart();
        self.usb.pump(&mut self.input);
        count
    }

    pub(crate) fn room(&self) -> usize {
        OUTPUT_BYTES - self.output.len()
    }

    pub(crate) fn read(&mut self, into: &mut [u8]) -> usize {
        let mut count = 0;
        for to in into {
            let Some(byte) = self.input.pop_front() else { break };
            *to = byte;
            count += 1;
        }
        count
    }

    pub(crate) fn has_input(&self) -> bool {
        !self.input.is_empty()
    }

    fn pump_uart(&mut self) {
        let mut bytes = [0; 16];
        while let Ok(count) = self.uart.read_raw(&mut bytes) {
            bytes.iter().take(count).for_each(|byte| keep(&mut self.input, *byte));
        }
        while self.uart.uart_is_writable()
            && let Some(byte) = self.output.pop_front()
        {
            let _ = self.uart.write_raw(&[byte]);
        }
        // The interrupt is for what waits, and would come for ever if nothing did.
        if self.output.is_empty() { self.uart.disable_tx_interrupt() } else { self.uart.enable_tx_interrupt() }
    }
}

#[interrupt]
fn UART0_IRQ() {
    chip::with(|parts| parts.ports.pump_uart());
    BELL.ring();
}

#[interrupt]
fn USBCTRL_IRQ() {
    chip::with(|parts| {
        let Ports { usb, input, .. } = &mut parts.ports;
        usb.pump(input);
    });
    BELL.ring();
}
