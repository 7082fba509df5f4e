//! The cases: what each board is asked to do, and what must come of it.

use super::console::{Console, Done};
use super::traffic::{self, Told};
use crate::setup::process;
use anyhow::{Context, Result, bail, ensure};
use wasmote_tests::checksum;

/// Something that a board must do.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) run: fn(&mut Console) -> Result<()>,
}

const fn case(name: &'static str, run: fn(&mut Console) -> Result<()>) -> Case {
    Case { name, run }
}

/// The modules as the board has them: their bytes come back over its serial line. The checksums are printed as at other places,
/// so that `--on all` compares them.
const SAME_FILES: Case = case("the examples are the simulated board's files, byte for byte", |board| {
    let examples = process::root().join("wasi-embedded/guest/examples");
    let paths = board.shell("ls -1 /ex/*.wasm")?.lines;
    ensure!(!paths.is_empty(), "there are none");
    for path in paths {
        let name = path.trim_start_matches("/ex/").trim_end_matches(".wasm");
        let there = hex(&board.shell(&format!("xxd -p {path}"))?.lines.concat()).with_context(|| path.clone())?;
        let here = std::fs::read(examples.join(name).with_extension("wasm"))?;
        ensure!(there == here, "{path} is another file than the simulated board's");
        println!("  {}, as it is on the board", checksum::line(name, &there));
    }
    Ok(())
});

/// Bytes of two digits each.
fn hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2).map(|two| std::str::from_utf8(two).ok());
    digits.map(|two| u8::from_str_radix(two?, 16).ok()).collect()
}

/// i.MX6: a thermometer and an EEPROM in place of a display on the first I2C bus, a flash at the SPI bus.
pub(super) const SABRELITE: &[Case] = &[
    SAME_FILES,
    case("devices are listed, with users and what would give more", |board| {
        let before = board.shell("wasmote devices")?;
        ensure!(before.lines.iter().any(|line| line.contains("SPI device spi0.0 (sst25vf016b): no driver has it")));
        board.shell("echo spidev > /sys/bus/spi/devices/spi0.0/driver_override")?;
        board.shell("echo spi0.0 > /sys/bus/spi/drivers/spidev/bind")?;
        let done = board.shell("wasmote devices")?;
        has_lines(
            &done,
            &[
                "GPIO chip /dev/gpiochip0 (209c000.gpio), 32 lines",
                "I2C bus /dev/i2c-0 (21a0000.i2c), 100000 Hz",
                "SPI device /dev/spidev0.0",
            ],
        )?;
        ensure!(done.lines.iter().any(|line| line.contains("in use by \"regulators:regulator@")), "{:?}", done.lines);
        Ok(())
    }),
    case("the drafted policy leads to the devices", |board| {
        board.shell("wasmote devices --draft > /tmp/p.toml")?;
        // An LED at a line that the draft names only as an example.
        board
            .shell("sed -i 's|^\\[digital\\]|&\\nled0 = { direction = \"out\", at = \"gpiochip0/9\" }|' /tmp/p.toml")?;
        policy(board, "")?;
        temperature(board, 21_000)?;
        let run = "wasmote run --board linux --policy /tmp/p.toml /ex/thermostat.wasm";
        let done = until(board, run, 1)?;
        ensure!(done.lines == ["21.0 °C, heating off"], "{:?}", done.lines);
        Ok(())
    }),
    case("thermostat: what it says, on the bus and at the pin, is what the simulated board told", thermostat),
    case("a recorded run is replayed without the board", |board| {
        let run = "wasmote run --record /tmp/log --board linux --policy /etc/p.toml --for 3s /ex/thermostat.wasm";
        let recorded = board.shell(run)?;
        let replayed = board.shell("wasmote run --replay /tmp/log /ex/thermostat.wasm")?;
        ensure!(recorded.code == 0 && replayed.code == 0, "{} and {}", recorded.code, replayed.code);
        ensure!(!recorded.lines.is_empty() && recorded.lines == replayed.lines, "{:?}", replayed.lines);
        Ok(())
    }),
    case("picture: the bus carries what the simulated board told", |board| {
        let done = board.shell(&traced("i2c", "wasmote run --board linux --policy /etc/p.toml /ex/display.wasm"))?;
        ensure!(done.code == 0, "{:?}", done.lines);
        let seen = traffic::i2c(&trace(board)?, "i2c-0", 0x3c);
        traffic::same(&seen, &Told::of("display")?.about("i2c0 0x3c"))
    }),
    case("flash: what was written is read, by the commands that the simulated board told", |board| {
        let run = "wasmote run --board linux --policy /etc/p.toml --manifest /ex/flash.toml /ex/flash.wasm";
        let done = board.shell(&traced("spi", run))?;
        // This flash has no unique id.
        let said = ["unique id [00, 00, 00, 00, 00, 00, 00, 00]", "what was written was read"];
        ensure!(done.code == 0 && done.lines == said, "{:?}", done.lines);
        // How often its status must be asked for is the flash's own affair.
        let is_no_question = |message: &String| message != "05 00";
        let seen: Vec<String> =
            traffic::spi_sent(&trace(board)?, "spi0.0").into_iter().filter(is_no_question).collect();
        let told = Told::of("flash")?.about("flash");
        let told = told.iter().filter_map(|line| line.strip_prefix("sent ")?.split(", received").next());
        let told: Vec<String> = told.map(str::to_string).filter(is_no_question).collect();
        traffic::same(&seen, &told)
    }),
    case("blinky: an edge every half second and never sooner", |board| {
        let run = "wasmote run --board linux --policy /etc/p.toml /ex/blinky.wasm";
        board.shell(&traced("gpio", &format!("{run} > /dev/null & sleep 1; kill -0 $!")))?;
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(120);
        // The first is the line's beginning.
        let edges = loop {
            let edges = levels(&trace(board)?, LED_LINE)?;
            if edges.len() >= 6 {
                break edges;
            }
            ensure!(std::time::Instant::now() < deadline, "{edges:?}");
            board.shell("sleep 1")?;
        };
        board.shell("kill $(pidof wasmote); wait")?;
        let changes: Vec<(f64, bool)> = edges.windows(2).filter(|two| two[0].1 != two[1].1).map(|two| two[1]).collect();
        ensure!(changes.len() >= 4 && changes[0].1, "{edges:?}");
        for two in changes.windows(2) {
            ensure!(two[1].0 - two[0].0 >= 0.5, "{edges:?}");
        }
        Ok(())
    }),
    case("timer: a reactor is called again and again", |board| {
        let run = "wasmote run --board linux --policy /etc/p.toml --every 250ms --invoke tick /ex/timer.wasm";
        let done = until(board, run, 4)?;
        ensure!(done.lines == ["tick 1", "tick 2", "tick 3", "tick 4"], "{:?}", done.lines);
        Ok(())
    }),
    case("a device that does not answer is no acknowledgement", |board| {
        policy(board, "s/i2c-0/i2c-1/")?;
        // This controller tells it by a timeout.
        let done = until(board, "wasmote run --board linux --policy /tmp/p.toml /ex/thermostat.wasm", 1)?;
        ensure!(done.lines[0].starts_with("no temperature (I2C(I2cError(NoAcknowledge("), "{:?}", done.lines);
        Ok(())
    }),
    case("a bus that is not there is told with those that are", |board| {
        policy(board, "s/i2c-0/i2c-9/")?;
        let done = board.shell("wasmote run --board linux --policy /tmp/p.toml /ex/thermostat.wasm")?;
        let told = "wasmote: i2c0: there is no /dev/i2c-9; this machine has /dev/i2c-0, /dev/i2c-1, /dev/i2c-2";
        ensure!(done.code == 134, "{}", done.code);
        has_lines(&done, &["wasmote: i2c0: not available (module thermostat)", told])
    }),
    case("a line and a chip that are not there are told", |board| {
        for (change, told) in [
            ("s|gpiochip0/9|gpiochip0/32|", "led0: /dev/gpiochip0 has no line 32: its lines are 0 to 31"),
            ("s|gpiochip0/9|gpiochip9/1|", "led0: there is no GPIO chip \"gpiochip9\"; this machine has gpiochip0 ("),
            ("s|gpiochip0/9|GPIO17|", "led0: no GPIO line is called \"GPIO17\""),
        ] {
            policy(board, change)?;
            let done = board.shell("wasmote run --board linux --policy /tmp/p.toml /ex/blinky.wasm")?;
            ensure!(done.lines.iter().any(|line| line.contains(told)), "{:?}", done.lines);
        }
        Ok(())
    }),
    case("a line in use is told with its user", |board| {
        let run = "wasmote run --board linux --policy /etc/p.toml /ex/blinky.wasm";
        board.shell(&format!("{run} > /dev/null & usleep 500000"))?;
        let mut done = board.shell(run)?;
        while done.code != 134 {
            done = board.shell(run)?;
        }
        board.shell("kill $(pidof wasmote); wait")?;
        has_lines(&done, &["wasmote: led0: in use (module blinky)"])?;
        let told = "led0: line 9 of /dev/gpiochip0 is in use by \"wasmote led0\": end that program";
        ensure!(done.lines.iter().any(|line| line.contains(told)), "{:?}", done.lines);
        // One that a driver of the kernel has.
        policy(board, "s|gpiochip0/9|gpiochip0/2|")?;
        let done = board.shell("wasmote run --board linux --policy /tmp/p.toml /ex/blinky.wasm")?;
        ensure!(
            done.lines.iter().any(|line| line.contains("in use by \"regulators:regulator@3\"")),
            "{:?}",
            done.lines
        );
        Ok(())
    }),
    case("a missing permission is told with the group that has it", |board| {
        board.shell("chgrp gpio /dev/gpiochip0; chmod 660 /dev/gpiochip0")?;
        let run = "wasmote run --board linux --policy /etc/p.toml /ex/blinky.wasm";
        let done = board.shell(&format!("su -s /bin/sh nobody -c '{run}'"))?;
        let told = "wasmote: led0: no permission for /dev/gpiochip0, which is for the group gpio: \
                    `sudo usermod -aG gpio $USER`, and log in again";
        ensure!(done.code == 134, "{}", done.code);
        has_lines(&done, &[told])?;
        let listed = board.shell("su -s /bin/sh nobody -c 'wasmote devices'")?;
        ensure!(
            listed.lines.iter().any(|line| line.contains("no permission for /dev/gpiochip0")),
            "{:?}",
            listed.lines
        );
        Ok(())
    }),
    case("an address that the kernel's driver has is told with the command that frees it", |board| {
        board.shell("echo tmp105 0x48 > /sys/bus/i2c/devices/i2c-0/new_device; sleep 1")?;
        let done = until_complaint(board, "wasmote run --board linux --policy /etc/p.toml /ex/thermostat.wasm")?;
        let told = "i2c0: address 0x48 on /dev/i2c-0 belongs to the kernel's driver lm75; take it away with \
                    `echo 0-0048 | sudo tee /sys/bus/i2c/drivers/lm75/unbind`";
        ensure!(done.lines.iter().any(|line| line.contains(told)), "{:?}", done.lines);
        // And the command helps.
        board.shell("echo 0-0048 > /sys/bus/i2c/drivers/lm75/unbind")?;
        let done = until(board, "wasmote run --board linux --policy /etc/p.toml /ex/thermostat.wasm", 1)?;
        ensure!(done.lines[0].contains("°C"), "{:?}", done.lines);
        Ok(())
    }),
];

/// AST2600: pins that are driven and seen from outside, and a controller that tells a missing acknowledgement.
pub(super) const AST2600: &[Case] = &[
    SAME_FILES,
    case("button: edges from outside wake the module, and its LED is seen from outside", |board| {
        board.shell("printf '[digital]\\nled0 = { direction = \"out\", at = \"gpiochip0/8\" }\\nbutton = { direction = \"in\", pull = \"up\", active = \"low\", at = \"gpiochip0/9\" }\\n[analog]\\npot = { direction = \"in\", at = \"ast2600-adc0/voltage0 10 bits\" }\\n[i2c]\\ni2c0 = { addresses = \"all\", at = \"i2c-0\" }\\n' > /etc/p.toml")?;
        button(board, true)?;
        let told = Told::of("button")?.about("serial");
        let run =
            format!("{BUTTON} & until grep -q do_sys_poll /proc/$!/wchan; do usleep 100000; done; echo waits; wait");
        let done = board.follow(&run, &mut |board, n, line| {
            match n {
                // It waits: press, and see the LED before the release.
                1 => {
                    ensure!(line == "waits", "{line}");
                    button(board, false)
                }
                2 => led(board, true).and_then(|()| button(board, true)),
                3 => button(board, false),
                4 => led(board, false).and_then(|()| button(board, true)),
                _ => {
                    board.interrupt();
                    Ok(())
                }
            }
        })?;
        ensure!(done.lines[1..] == told, "{:?}, where {told:?} is told", done.lines);
        board.shell("kill $(pidof wasmote); wait").map(drop)
    }),
    case("a module that waits for an edge does not run", |board| {
        let script = "set -- $(pidof wasmote); until grep -q do_sys_poll /proc/$1/wchan; do usleep 100000; done; \
                      grep -h ctxt /proc/$1/status; sleep 3; grep -h ctxt /proc/$1/status; kill $1; wait";
        let done = board.shell(&format!("{BUTTON} > /dev/null & sleep 1; {script}"))?;
        let counts: Vec<&String> = done.lines.iter().filter(|line| line.contains("ctxt_switches")).collect();
        ensure!(counts.len() == 4 && counts[..2] == counts[2..], "{:?}", done.lines);
        Ok(())
    }),
    case("a missing acknowledgement is one of the address", |board| {
        let done = until(board, "wasmote run --board linux --policy /etc/p.toml /ex/thermostat.wasm", 2)?;
        let told = Told::of("thermostat")?.about("serial");
        let told = told.iter().find(|line| line.contains("NoAcknowledge")).context("told")?;
        ensure!(done.lines.iter().all(|line| line == told), "{:?}", done.lines);
        Ok(())
    }),
    case("logger: samples of a converter, kept in an EEPROM and read back", |board| {
        board.shell("sed 's/i2c-0/i2c-1/' /etc/p.toml > /tmp/p.toml")?;
        let run = "wasmote run --board linux --policy /tmp/p.toml --manifest /ex/logger.toml /ex/logger.wasm";
        let done = board.shell(&traced("i2c", run))?;
        ensure!(done.code == 0 && done.lines.len() == 8, "{:?}", done.lines);
        let samples: Result<Vec<u32>> = (0..).zip(&done.lines).map(|(n, line)| sample(n, line)).collect();
        // This converter gives a greater value each time.
        let samples = samples?;
        ensure!(samples.windows(2).all(|two| two[0] < two[1]), "{samples:?}");
        let seen = traffic::i2c(&trace(board)?, "i2c-1", 0x50);
        let told = Told::of("logger")?.about("i2c0 0x50");
        // The same transfers, with other samples in them.
        let places = |transfers: &[String]| -> Vec<String> {
            transfers.iter().map(|transfer| transfer.chars().take("write 00 00".len()).collect()).collect()
        };
        traffic::same(&places(&seen), &places(&told))?;
        let written: Vec<String> = samples
            .iter()
            .map(|sample| sample.to_le_bytes().map(|byte| format!("{byte:02x}"))[..2].join(" "))
            .collect();
        let read = seen.last().and_then(|last| last.split("read ").nth(1)).unwrap_or_default();
        ensure!(read == written.join(" "), "{read}");
        Ok(())
    }),
    case("alarm in C: a converter is sampled while the module waits", |board| {
        // The values rise until they begin again from the bottom.
        let run = "wasmote run --board linux --policy /etc/p.toml /ex/alarm.wasm";
        let done = board.follow(run, &mut |board, n, _| match n {
            1 => led(board, true),
            2 => led(board, false),
            _ => {
                board.interrupt();
                Ok(())
            }
        })?;
        ensure!(done.lines.len() >= 3 && done.lines[..3] == ["alarm", "all is well", "alarm"], "{:?}", done.lines);
        Ok(())
    }),
];

/// 64 bits: a PL061, with QEMU's power button at its line 3.
pub(super) const VIRT: &[Case] = &[
    SAME_FILES,
    case("devices are listed and drafted", |board| {
        let done = board.shell("wasmote devices")?;
        ensure!(
            done.lines.iter().any(|line| line.starts_with("GPIO chip /dev/gpiochip0 (9030000.pl061), 8 lines")),
            "{:?}",
            done.lines
        );
        let done = board.shell(
            "wasmote devices --draft > /tmp/p.toml; wasmote run --board linux --policy /tmp/p.toml /ex/blinky.wasm",
        )?;
        has_lines(&done, &["wasmote: led0: /tmp/p.toml has no such label in [digital]"])
    }),
    case("button: the power button's edges wake the module", |board| {
        board.shell("printf '[digital]\\nled0 = { direction = \"out\", at = \"gpiochip0/5\" }\\nbutton = { direction = \"in\", at = \"gpiochip0/3\" }\\n' > /etc/p.toml")?;
        let run = "wasmote run --board linux --policy /etc/p.toml /ex/button.wasm";
        let run = format!("{run} & until grep -q do_sys_poll /proc/$!/wchan; do usleep 100000; done; echo waits; wait");
        let done = board.follow(&run, &mut |board, n, line| match (n, line) {
            (1, "waits") | (3, "released") => board.control(r#"{"execute":"system_powerdown"}"#).map(drop),
            // What ends the last wait is an empty line.
            (2 | 4, _) | (_, "") => Ok(()),
            (5, _) => {
                board.interrupt();
                Ok(())
            }
            _ => bail!("{n}: {line}"),
        })?;
        ensure!(done.lines[1..] == Told::of("button")?.about("serial"), "{:?}", done.lines);
        board.shell("kill $(pidof wasmote); wait").map(drop)
    }),
];

const BUTTON: &str = "wasmote run --board linux --policy /etc/p.toml --manifest /ex/button.toml /ex/button.wasm";
/// The LED's line on the first chip of the i.MX6, whose lines are numbered from 0 in the trace.
const LED_LINE: u32 = 9;

/// The sample in line `n` of the logger.
fn sample(n: usize, line: &str) -> Result<u32> {
    let sample = line.strip_prefix(&format!("{n}: ")).with_context(|| format!("`{line}` is no sample {n}"))?;
    sample.parse().with_context(|| format!("`{line}` is no sample"))
}

/// The policy of the first board, as it is in /etc/p.toml, with a change by sed in /tmp/p.toml.
fn policy(board: &mut Console, change: &str) -> Result<()> {
    board.shell("printf '[digital]\\nled0 = { direction = \"out\", at = \"gpiochip0/9\" }\\n[i2c]\\ni2c0 = { addresses = \"all\", at = \"i2c-0\" }\\n[spi]\\nflash = { modes = [0], clock = \"1 MHz\", at = \"spidev0.0\" }\\n' > /etc/p.toml")?;
    if !change.is_empty() {
        board.shell(&format!("sed '{change}' /etc/p.toml > /tmp/p.toml"))?;
    }
    Ok(())
}

/// The thermometer's surroundings, in thousandths of a degree.
fn temperature(board: &mut Console, milli_celsius: i32) -> Result<()> {
    board.set("/machine/peripheral/thermometer", "temperature", &milli_celsius.to_string())
}

/// The button's line of the AST2600.
fn button(board: &mut Console, high: bool) -> Result<()> {
    board.set("/machine/soc/gpio", "gpioB1", &high.to_string())
}

/// Waits for a level of the LED's line of the AST2600.
fn led(board: &mut Console, high: bool) -> Result<()> {
    board.expect("/machine/soc/gpio", "gpioB0", &high.to_string())
}

/// Are these lines among those that were printed?
fn has_lines(done: &Done, wanted: &[&str]) -> Result<()> {
    for line in wanted {
        ensure!(done.lines.iter().any(|printed| printed == line), "no line `{line}` in {:#?}", done.lines);
    }
    Ok(())
}

/// Runs a module that does not end until it has printed so many lines.
fn until(board: &mut Console, run: &str, lines: usize) -> Result<Done> {
    let mut done = board.follow(run, &mut |board, n, _| {
        if n == lines {
            board.interrupt();
        }
        Ok(())
    })?;
    ensure!(done.lines.len() >= lines, "it ends after {} lines: {:?}", done.lines.len(), done.lines);
    // More may come before the interrupt does.
    done.lines.truncate(lines);
    Ok(done)
}

/// Runs a module that does not end until it has complained and printed a line after that.
fn until_complaint(board: &mut Console, run: &str) -> Result<Done> {
    let mut has_complained = false;
    board.follow(run, &mut |board, _, line| {
        if has_complained {
            board.interrupt();
        }
        has_complained |= line.starts_with("wasmote: ");
        Ok(())
    })
}

/// A command with the kernel's events of a kind in its trace, which is empty before.
fn traced(kind: &str, run: &str) -> String {
    let dir = "/sys/kernel/tracing";
    format!("echo 0 > {dir}/events/enable; echo 1 > {dir}/events/{kind}/enable; echo > {dir}/trace; {run}")
}

/// The trace.
fn trace(board: &mut Console) -> Result<Vec<String>> {
    Ok(board.shell("grep -v '^#' /sys/kernel/tracing/trace")?.lines)
}

/// The levels that a line was driven to, with their times in seconds.
fn levels(trace: &[String], line: u32) -> Result<Vec<(f64, bool)>> {
    let mark = format!(": gpio_value: {line} set ");
    let found = trace.iter().filter_map(|text| text.split_once(&mark));
    found
        .map(|(before, level)| {
            let time = before.rsplit(' ').next().unwrap_or_default();
            Ok((time.parse().with_context(|| format!("a time in `{before}`"))?, level.trim() == "1"))
        })
        .collect()
}

/// The thermostat's script of the simulated board, as far as the thermometer stays plugged in: its lines decide when the
/// temperature changes.
fn thermostat(board: &mut Console) -> Result<()> {
    /// After this line it becomes so warm, in thousandths of a degree.
    const SCRIPT: [(usize, i32); 4] = [(2, 20_000), (4, 19_000), (6, 20_000), (7, 20_750)];
    const LINES: usize = 8;
    policy(board, "")?;
    temperature(board, 21_000)?;
    // 12 bits, which the TMP102 of the simulated board has from the start.
    ensure!(board.shell("i2cset -y 0 0x48 1 0x60")?.code == 0, "the thermometer is not there");
    let run = "wasmote run --board linux --policy /etc/p.toml --manifest /ex/thermostat.toml /ex/thermostat.wasm";
    let run = format!("echo 1 > /sys/kernel/tracing/events/gpio/enable; {run}");
    let mut done = board.follow(&traced("i2c", &run), &mut |board, n, _| {
        if let Some((_, milli_celsius)) = SCRIPT.iter().find(|(line, _)| *line == n) {
            temperature(board, *milli_celsius)?;
        }
        // With the line after the last the pin has followed that.
        if n == LINES + 1 {
            board.interrupt();
        }
        Ok(())
    })?;
    done.lines.truncate(LINES);
    let told = Told::of("thermostat")?;
    ensure!(done.lines == told.about("serial")[..LINES], "{:#?}", done.lines);
    let trace = trace(board)?;
    let seen = traffic::i2c(&trace, "i2c-0", 0x48);
    traffic::same(&seen[..LINES.min(seen.len())], &told.about("i2c0 0x48")[..LINES])?;
    // The pin is driven after each line; what counts is when it changes.
    let mut levels: Vec<bool> = levels(&trace, LED_LINE)?.iter().map(|(_, high)| *high).collect();
    levels.dedup();
    ensure!(levels == [false, true, false], "{levels:?}");
    Ok(())
}
