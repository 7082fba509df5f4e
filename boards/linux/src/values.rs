//! Values between text, logs and the machine: `--invoke` reads its arguments by the function's type and prints results.

use crate::message::Plain;
use wasmote::{Val, ValType};

/// The bits of the canonical NaN of each width.
const CANONICAL_NAN: (u32, u64) = (0x7fc0_0000, 0x7ff8_0000_0000_0000);

/// Reads an argument of type `ty`, or says what would be one.
///
/// Integers are decimal or hexadecimal, signed or unsigned; floats also `inf`, `nan` and `nan:0x...` (the payload), with
/// a sign; references are `null`, and external ones a number too.
pub(crate) fn parse(ty: ValType, text: &str) -> Result<Val, String> {
    let value = match ty {
        ValType::I32 => parse_int(text, 32).map(|bits| Val::I32(bits as u32 as i32)),
        ValType::I64 => parse_int(text, 64).map(|bits| Val::I64(bits as i64)),
        ValType::F32 => parse_f32(text).map(Val::F32),
        ValType::F64 => parse_f64(text).map(Val::F64),
        ValType::FuncRef => (text == "null").then_some(Val::FuncRef(None)),
        ValType::ExternRef if text == "null" => Some(Val::ExternRef(None)),
        ValType::ExternRef => text.parse().ok().map(|number| Val::ExternRef(Some(number))),
    };
    value.ok_or_else(|| format!("`{}` is not {}", Plain(text), expectation(ty)))
}

/// What an argument of this type looks like.
fn expectation(ty: ValType) -> &'static str {
    match ty {
        ValType::I32 => "an i32 (-2147483648 to 4294967295, or 0x...)",
        ValType::I64 => "an i64 (-9223372036854775808 to 18446744073709551615, or 0x...)",
        ValType::F32 => "an f32 (such as -1.5, 1e9, inf, nan, nan:0x200000)",
        ValType::F64 => "an f64 (such as -1.5, 1e9, inf, nan, nan:0x4000000000000)",
        ValType::FuncRef => "a funcref that can be written (only null)",
        ValType::ExternRef => "an externref (null or a number)",
    }
}

/// A number as its two's complement in `width` bits; signed and unsigned ones are both welcome.
fn parse_int(text: &str, width: u32) -> Option<u64> {
    let (negative, rest) = sign(text);
    let magnitude = match rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X")) {
        Some(digits) => parse_digits(digits, 16)?,
        None => parse_digits(rest, 10)?,
    };
    let limit = if negative { 1 << (width - 1) } else { u64::MAX >> (64 - width) };
    let bits = if negative { magnitude.wrapping_neg() } else { magnitude };
    (magnitude <= limit).then_some(bits)
}

/// Digits with `_` between them, as the text format has them.
fn parse_digits(text: &str, radix: u32) -> Option<u64> {
    let digits = text.replace('_', "");
    // `from_str_radix` would take a second sign.
    let all_digits = digits.chars().all(|c| c.is_digit(radix));
    u64::from_str_radix(&digits, radix).ok().filter(|_| all_digits)
}

fn parse_f32(text: &str) -> Option<u32> {
    let (negative, rest) = sign(text);
    let bits = match parse_nan(rest) {
        Some(None) => CANONICAL_NAN.0,
        Some(Some(payload)) if (1..1 << 23).contains(&payload) => 0x7f80_0000 | payload as u32,
        Some(Some(_)) => return None,
        None => plain_float::<f32>(rest)?.to_bits(),
    };
    Some(bits | u32::from(negative) << 31)
}

fn parse_f64(text: &str) -> Option<u64> {
    let (negative, rest) = sign(text);
    let bits = match parse_nan(rest) {
        Some(None) => CANONICAL_NAN.1,
        Some(Some(payload)) if (1..1 << 52).contains(&payload) => 0x7ff0_0000_0000_0000 | payload,
        Some(Some(_)) => return None,
        None => plain_float::<f64>(rest)?.to_bits(),
    };
    Some(bits | u64::from(negative) << 63)
}

/// `nan`, or `nan:0x...` with its payload.
fn parse_nan(text: &str) -> Option<Option<u64>> {
    let rest = text.strip_prefix("nan")?;
    match rest.strip_prefix(":0x") {
        Some(digits) => parse_digits(digits, 16).map(Some),
        None => rest.is_empty().then_some(None),
    }
}

/// A float without a sign that is no NaN.
fn plain_float<F: core::str::FromStr>(text: &str) -> Option<F> {
    let is_number = text.starts_with(|c: char| c.is_ascii_digit() || c == '.') || text == "inf";
    text.parse().ok().filter(|_| is_number)
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// A result as `--invoke` prints it: integers signed, floats as short as they can be read back.
pub(crate) fn show(value: Val) -> String {
    match value {
        Val::I32(value) => value.to_string(),
        Val::I64(value) => value.to_string(),
        Val::F32(bits) => show_f32(bits),
        Val::F64(bits) => show_f64(bits),
        Val::FuncRef(None) | Val::ExternRef(None) => "null".into(),
        Val::FuncRef(Some(_)) => "funcref".into(),
        Val::ExternRef(Some(number)) => number.to_string(),
    }
}

fn show_f32(bits: u32) -> String {
    let value = f32::from_bits(bits);
    match bits & 0x7fff_ffff {
        _ if !value.is_nan() => short(format!("{value:?}")),
        nan if nan == CANONICAL_NAN.0 => show_nan(bits >> 31 != 0, None),
        nan => show_nan(bits >> 31 != 0, Some(u64::from(nan & 0x7f_ffff))),
    }
}

fn show_f64(bits: u64) -> String {
    let value = f64::from_bits(bits);
    match bits & (u64::MAX >> 1) {
        _ if !value.is_nan() => short(format!("{value:?}")),
        nan if nan == CANONICAL_NAN.1 => show_nan(bits >> 63 != 0, None),
        nan => show_nan(bits >> 63 != 0, Some(nan & (u64::MAX >> 12))),
    }
}

fn show_nan(negative: bool, payload: Option<u64>) -> String {
    let sign = if negative { "-" } else { "" };
    match payload {
        None => format!("{sign}nan"),
        Some(payload) => format!("{sign}nan:{payload:#x}"),
    }
}

/// Whole numbers without the `.0` that Rust's debug format adds.
fn short(text: String) -> String {
    text.strip_suffix(".0").map(str::to_string).unwrap_or(text)
}

/// A value's bits, as a log holds them; `None` for a function reference, which means nothing in another run.
pub(crate) fn to_bits(value: Val) -> Option<u64> {
    Some(match value {
        Val::I32(value) => u64::from(value as u32),
        Val::I64(value) => value as u64,
        Val::F32(bits) => u64::from(bits),
        Val::F64(bits) => bits,
        Val::FuncRef(None) | Val::ExternRef(None) => u64::MAX,
        Val::ExternRef(Some(number)) => u64::from(number),
        Val::FuncRef(Some(_)) => return None,
    })
}

/// The value of type `ty` that has these bits; `None` if there is none.
pub(crate) fn from_bits(ty: ValType, bits: u64) -> Option<Val> {
    let low = u32::try_from(bits);
    Some(match ty {
        ValType::I32 => Val::I32(low.ok()? as i32),
        ValType::I64 => Val::I64(bits as i64),
        ValType::F32 => Val::F32(low.ok()?),
        ValType::F64 => Val::F64(bits),
        ValType::FuncRef if bits == u64::MAX => Val::FuncRef(None),
        ValType::FuncRef => return None,
        ValType::ExternRef if bits == u64::MAX => Val::ExternRef(None),
        ValType::ExternRef => Val::ExternRef(Some(low.ok()?)),
    })
}

/// A zero of each type: what a buffer for values is filled with.
pub(crate) const BLANK: Val = Val::I32(0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_decimal_or_hexadecimal_signed_or_unsigned() {
        let cases = [
            ("0", 0),
            ("-1", -1),
            ("+7", 7),
            ("4294967295", -1),
            ("-2147483648", i32::MIN),
            ("0x80000000", i32::MIN),
            ("-0x10", -16),
            ("1_000", 1000),
        ];
        for (text, value) in cases {
            assert_eq!(parse(ValType::I32, text), Ok(Val::I32(value)), "{text}");
        }
        assert_eq!(parse(ValType::I64, "18446744073709551615"), Ok(Val::I64(-1)));
        assert_eq!(parse(ValType::I64, "-9223372036854775808"), Ok(Val::I64(i64::MIN)));
    }

    #[test]
    fn what_does_not_fit_is_refused_with_the_range() {
        for text in ["4294967296", "-2147483649", "", "-", "0x", "1.5", "--1", "-+1", "x", "1 "] {
            let error = parse(ValType::I32, text).unwrap_err();
            assert!(error.contains("-2147483648 to 4294967295"), "{error}");
        }
        assert!(parse(ValType::I64, "18446744073709551616").is_err());
        assert!(parse(ValType::I64, "-9223372036854775809").is_err());
    }

    #[test]
    fn floats_know_infinities_and_nans() {
        let cases = [
            ("1.5", 1.5f64.to_bits()),
            ("-0", (-0.0f64).to_bits()),
            (".5", 0.5f64.to_bits()),
            ("1e300", 1e300f64.to_bits()),
            ("inf", f64::INFINITY.to_bits()),
            ("-inf", f64::NEG_INFINITY.to_bits()),
            ("nan", 0x7ff8_0000_0000_0000),
            ("-nan", 0xfff8_0000_0000_0000),
            ("nan:0x1", 0x7ff0_0000_0000_0001),
        ];
        for (text, bits) in cases {
            assert_eq!(parse(ValType::F64, text), Ok(Val::F64(bits)), "{text}");
        }
        assert_eq!(parse(ValType::F32, "-nan:0x200000"), Ok(Val::F32(0xffa0_0000)));
        for text in ["", "nan:0x0", "nan:0x800000", "infinity", "--1", "-+1", "e5", "nanx"] {
            assert!(parse(ValType::F32, text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_printed_can_be_read_back() {
        let values = [
            Val::I32(i32::MIN),
            Val::I64(-1),
            Val::F32(0x7fc0_0000),
            Val::F32(0xff80_0001),
            Val::F32(0.1f32.to_bits()),
            Val::F64((-0.0f64).to_bits()),
            Val::F64(1e-7f64.to_bits()),
            Val::F64(f64::MAX.to_bits()),
            Val::F64(f64::NEG_INFINITY.to_bits()),
            Val::F64(0x7ff0_0000_0000_0001),
            Val::ExternRef(None),
            Val::ExternRef(Some(3)),
            Val::FuncRef(None),
        ];
        for value in values {
            assert_eq!(parse(value.ty(), &show(value)), Ok(value), "{}", show(value));
        }
        assert_eq!(show(Val::F64(3f64.to_bits())), "3");
    }

    #[test]
    fn bits_come_back_by_their_type() {
        let values = [Val::I32(-5), Val::I64(i64::MIN), Val::F32(1), Val::F64(u64::MAX), Val::ExternRef(Some(0))];
        for value in values {
            assert_eq!(to_bits(value).and_then(|bits| from_bits(value.ty(), bits)), Some(value));
        }
        assert_eq!(from_bits(ValType::I32, 1 << 32), None);
    }
}
