//! One-time codes by the clock (RFC 6238 with SHA-1, 30 s, 6 digits: what every authenticator app speaks),
//! and recovery codes for the day the phone is lost. Pure; it keeps nothing and reads no clock.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use maud::{Markup, PreEscaped};
use qrcode::QrCode;
use sha1::Sha1;
use subtle::ConstantTimeEq;

const PERIOD_SECONDS: i64 = 30;
const CODES_MODULUS: u32 = 1_000_000;
/// Bytes of a seed: the length of a SHA-1 digest, as RFC 4226 recommends.
pub const SEED_BYTES: usize = 20;
/// Recovery codes given at once.
pub const RECOVERY_CODES: usize = 10;

/// The 30-second step an instant lies in.
#[must_use]
pub fn step(at: Timestamp) -> i64 {
    at.as_second().div_euclid(PERIOD_SECONDS)
}

/// The code of a step.
#[must_use]
pub fn code(seed: &[u8], step: i64) -> String {
    // HMAC takes keys of any length, so the error can't happen; the empty code matches nothing.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(seed) else {
        return String::new();
    };
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest[19] & 0x0f);
    let number = u32::from_be_bytes([
        digest[offset] & 0x7f,
        digest[offset + 1],
        digest[offset + 2],
        digest[offset + 3],
    ]);
    format!("{:06}", number % CODES_MODULUS)
}

/// The step whose code was typed: this one, the one before or the one after (a phone's clock may be off by so
/// much), newer than the last accepted.
#[must_use]
pub fn accepted(seed: &[u8], typed: &str, now: Timestamp, last: Option<i64>) -> Option<i64> {
    let this = step(now);
    // All three are compared, whichever matches, so that the time tells nothing.
    [this - 1, this, this + 1].into_iter().fold(None, |found, step| {
        let matches = bool::from(code(seed, step).as_bytes().ct_eq(typed.as_bytes()));
        if matches && last.is_none_or(|last| step > last) {
            Some(step)
        } else {
            found
        }
    })
}

/// The seed as people type it: base32 in groups of four.
#[must_use]
pub fn typed_key(seed: &[u8]) -> String {
    let text = BASE32_NOPAD.encode(seed);
    text.as_bytes()
        .chunks(4)
        .map(|group| String::from_utf8_lossy(group).into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The address an authenticator app reads from the QR code.
#[must_use]
pub fn address(seed: &[u8], practice: &str, email: &str) -> String {
    let issuer = encoded(&format!("MentalSpace {practice}"));
    format!(
        "otpauth://totp/{issuer}:{}?secret={}&issuer={issuer}&algorithm=SHA1&digits=6&period=30",
        encoded(email),
        BASE32_NOPAD.encode(seed)
    )
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte))
        } else {
            out.push_str(&format!("%{byte:02X}"))
        }
        out
    })
}

/// A QR code as an inline drawing; black on white in light and dark, since cameras want it so.
#[must_use]
pub fn drawing(text: &str) -> Markup {
    let Ok(code) = QrCode::new(text.as_bytes()) else {
        return Markup::default();
    };
    let width = code.width();
    let mut path = String::new();
    for (index, color) in code.to_colors().iter().enumerate() {
        if *color == qrcode::Color::Dark {
            path.push_str(&format!("M{} {}h1v1h-1z", index % width + 4, index / width + 4));
        }
    }
    let side = width + 8;
    PreEscaped(format!(
        "<svg class=\"qr-code\" role=\"img\" aria-label=\"QR code for your authenticator app; the key below says the same\" width=\"220\" height=\"220\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\"><rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>"
    ))
}

/// Ten fresh recovery codes of 50 bits, as `abcde-fghij`.
#[must_use]
pub fn fresh_recovery_codes() -> Vec<String> {
    (0..RECOVERY_CODES)
        .map(|_| {
            let bytes: [u8; 7] = rand::random();
            let text = BASE32_NOPAD.encode(&bytes).to_lowercase();
            format!("{}-{}", &text[..5], &text[5..10])
        })
        .collect()
}

/// A recovery code as it is compared: without spaces and hyphens, in one case.
#[must_use]
pub fn plain_recovery_code(typed: &str) -> String {
    typed
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .take(32)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: &[u8] = b"12345678901234567890";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn iam_40_codes_of_the_standard() {
        // RFC 6238 appendix B, last six digits.
        for (second, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(SEED, step(at(second))), expected);
        }
    }

    #[test]
    fn iam_40_one_step_either_way_and_never_twice() {
        let now = at(1_000_000_000);
        let this = step(now);
        for (offset, good) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            assert_eq!(
                accepted(SEED, &code(SEED, this + offset), now, None).is_some(),
                good,
                "{offset}"
            );
        }
        assert_eq!(accepted(SEED, &code(SEED, this), now, Some(this)), None);
        assert_eq!(accepted(SEED, &code(SEED, this - 1), now, Some(this)), None);
        assert_eq!(accepted(SEED, &code(SEED, this + 1), now, Some(this)), Some(this + 1));
        assert_eq!(accepted(SEED, "", now, None), None);
    }

    #[test]
    fn iam_40_recovery_codes_differ_and_are_read_kindly() {
        let codes = fresh_recovery_codes();
        assert_eq!(
            codes.iter().collect::<std::collections::BTreeSet<_>>().len(),
            RECOVERY_CODES
        );
        assert_eq!(plain_recovery_code(" ABCDE-fghij "), "abcdefghij");
    }

    #[test]
    fn the_drawing_has_no_inline_style() {
        let drawn = drawing(&address(SEED, "Maple & Oak", "a@example.test")).into_string();
        assert!(drawn.starts_with("<svg") && !drawn.contains("style"));
        assert!(address(SEED, "Maple & Oak", "a@example.test").contains("MentalSpace%20Maple%20%26%20Oak"));
    }
}
