//! Checked text: what people type, parsed once at the edge and carried as proof from there on.
//!
//! Text is kept as typed (after Unicode NFC and trimming); it is escaped on output, never on input.

use unicode_normalization::UnicodeNormalization;

/// What is wrong with a typed text. `Display` is the sentence shown beside the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextProblem {
    /// Nothing was typed.
    #[error("Please fill this in.")]
    Required,
    /// Longer than the field holds.
    #[error("Please shorten this to {max} characters; it has {length}.")]
    TooLong {
        /// Characters that fit.
        max: usize,
        /// Characters typed.
        length: usize,
    },
    /// Control characters other than line breaks and tabs.
    #[error("This contains characters that can't be stored. Please type it again.")]
    Control,
    /// The shape is wrong; the sentence says which shape is meant.
    #[error("{0}")]
    Shape(&'static str),
}

impl TextProblem {
    /// Stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::TooLong { .. } => "too_long",
            Self::Control => "control_characters",
            Self::Shape(_) => "shape",
        }
    }
}

/// Trims and normalises one line of text of 1 to `max` characters.
///
/// # Errors
/// Empty, too long, or holding control characters (line breaks included).
pub fn line(typed: &str, max: usize) -> Result<String, TextProblem> {
    optional_line(typed, max)?.ok_or(TextProblem::Required)
}

/// As [`line`], but nothing typed is `None`.
///
/// # Errors
/// Too long, or holding control characters (line breaks included).
pub fn optional_line(typed: &str, max: usize) -> Result<Option<String>, TextProblem> {
    let text: String = typed.trim().nfc().collect();
    if text.chars().any(char::is_control) {
        return Err(TextProblem::Control);
    }
    fitting(text, max)
}

/// Text of several lines, 0 to `max` characters; line ends become `\n`.
///
/// # Errors
/// Too long, or holding control characters other than line breaks and tabs.
pub fn lines(typed: &str, max: usize) -> Result<String, TextProblem> {
    let text: String = typed.replace("\r\n", "\n").replace('\r', "\n").nfc().collect();
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(TextProblem::Control);
    }
    Ok(fitting(text, max)?.unwrap_or_default())
}

fn fitting(text: String, max: usize) -> Result<Option<String>, TextProblem> {
    let length = text.chars().count();
    match length {
        0 => Ok(None),
        _ if length > max => Err(TextProblem::TooLong { max, length }),
        _ => Ok(Some(text)),
    }
}

/// An e-mail address, case-folded and NFC, at most 254 characters (RFC 5321 4.5.3.1.3).
///
/// # Errors
/// Empty, too long, or not `name@host.tld`.
pub fn email(typed: &str) -> Result<String, TextProblem> {
    let text = line(typed, 254)?.to_lowercase();
    let shape = TextProblem::Shape("Please enter an e-mail address, like name@example.com.");
    let Some((name, host)) = text.split_once('@') else {
        return Err(shape);
    };
    let host_ok = host.contains('.')
        && host
            .split('.')
            .all(|label| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-'));
    let name_ok = !name.is_empty()
        && name.len() <= 64
        && !name
            .chars()
            .any(|c| c.is_whitespace() || matches!(c, '<' | '>' | '"' | ',' | ';' | '(' | ')'));
    if name_ok && host_ok { Ok(text) } else { Err(shape) }
}

/// A phone number in E.164 (`+13125550142`). Numbers without a country are taken as North American.
///
/// # Errors
/// Empty, or not a number with 10 (North America) or 8 to 15 digits after `+`.
pub fn phone(typed: &str) -> Result<String, TextProblem> {
    let text = line(typed, 40)?;
    let shape = TextProblem::Shape("Please enter a phone number with area code, like (312) 555-0142.");
    if text.chars().any(|c| !(c.is_ascii_digit() || " ()-.+/".contains(c))) {
        return Err(shape);
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    match (text.starts_with('+'), digits.len()) {
        (true, 8..=15) => Ok(format!("+{digits}")),
        (false, 10) => Ok(format!("+1{digits}")),
        (false, 11) if digits.starts_with('1') => Ok(format!("+{digits}")),
        _ => Err(shape),
    }
}

/// How a stored E.164 number is shown: North American numbers as `(312) 555-0142`.
#[must_use]
pub fn phone_for_people(stored: &str) -> String {
    match stored.strip_prefix("+1") {
        Some(digits) if digits.len() == 10 && digits.is_ascii() => {
            format!("({}) {}-{}", &digits[..3], &digits[3..6], &digits[6..])
        }
        _ => stored.to_owned(),
    }
}

/// A practice's name in addresses: 3 to 40 of `a-z0-9-`, no hyphen at either end.
///
/// # Errors
/// Any other shape.
pub fn slug(typed: &str) -> Result<String, TextProblem> {
    let text = line(typed, 40)?;
    let ok = text.len() >= 3
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-');
    if ok {
        Ok(text)
    } else {
        Err(TextProblem::Shape(
            "Use 3 to 40 small letters, digits and hyphens, like maple-street.",
        ))
    }
}

/// A National Provider Identifier: 10 digits whose Luhn sum over `80840` + digits ends in 0 (45 CFR 162.406).
///
/// # Errors
/// Not ten digits, or a wrong check digit.
pub fn npi(typed: &str) -> Result<String, TextProblem> {
    let text = line(typed, 10)?;
    if text.len() != 10 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(TextProblem::Shape("An NPI has ten digits."));
    }
    // 24 is what the constant prefix 80840 adds to the Luhn sum.
    let sum = text.bytes().rev().enumerate().fold(24, |sum, (index, byte)| {
        let digit = u32::from(byte - b'0');
        let doubled = if index % 2 == 1 { digit * 2 } else { digit };
        sum + doubled / 10 + doubled % 10
    });
    if sum % 10 == 0 {
        Ok(text)
    } else {
        Err(TextProblem::Shape(
            "The NPI's check digit is wrong. Please compare it with the card or the registry.",
        ))
    }
}

/// An IANA time zone that this program knows.
///
/// # Errors
/// Empty or unknown.
pub fn time_zone(typed: &str) -> Result<jiff::tz::TimeZone, TextProblem> {
    let text = line(typed, 64)?;
    let zone = jiff::tz::TimeZone::get(&text);
    zone.map_err(|_| {
        TextProblem::Shape("This time zone is not known. Choose one from the list, like America/New_York.")
    })
}

/// A calendar date as a browser sends it (`2026-02-24`) or as people here write it (`02/24/2026`).
///
/// # Errors
/// Empty, or no such day.
pub fn date(typed: &str) -> Result<jiff::civil::Date, TextProblem> {
    let text = line(typed, 20)?;
    let shape = TextProblem::Shape("Please enter a date that exists, like 02/24/2026.");
    let parts: Vec<&str> = if text.contains('/') {
        text.split('/').collect()
    } else {
        text.split('-').collect()
    };
    let [a, b, c] = parts.as_slice() else { return Err(shape) };
    let (year, month, day) = if text.contains('/') { (*c, *a, *b) } else { (*a, *b, *c) };
    if year.len() != 4 || !(1..=2).contains(&month.len()) || !(1..=2).contains(&day.len()) {
        return Err(shape);
    }
    match (year.parse(), month.parse(), day.parse()) {
        (Ok(year), Ok(month), Ok(day)) => jiff::civil::Date::new(year, month, day).map_err(|_| shape),
        _ => Err(shape),
    }
}

/// A time of day: `14:30`, `2:30 pm`, `2pm`, `0930`.
///
/// # Errors
/// Empty, or no such time.
pub fn time(typed: &str) -> Result<jiff::civil::Time, TextProblem> {
    let text = line(typed, 12)?.to_lowercase().replace([' ', '.'], "");
    let shape = TextProblem::Shape("Please enter a time, like 14:30 or 2:30 pm.");
    let (clock, afternoon) = match (text.strip_suffix("am"), text.strip_suffix("pm")) {
        (Some(clock), _) => (clock, Some(false)),
        (_, Some(clock)) => (clock, Some(true)),
        _ => (text.as_str(), None),
    };
    let (hour, minute) = match clock.split_once(':') {
        Some((hour, rest)) => (hour, rest.get(..2).unwrap_or(rest)),
        None if clock.len() == 4 && clock.is_ascii() => clock.split_at(2),
        None if afternoon.is_some() => (clock, "0"),
        None => return Err(shape),
    };
    let (Ok(hour), Ok(minute)) = (hour.parse::<i8>(), minute.parse::<i8>()) else {
        return Err(shape);
    };
    let hour = match afternoon {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return Err(shape),
        Some(false) => hour % 12,
        Some(true) => hour % 12 + 12,
    };
    jiff::civil::Time::new(hour, minute, 0, 0).map_err(|_| shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iam_3_npi_check_digit() {
        assert_eq!(npi("1234567893").as_deref(), Ok("1234567893"));
        assert!(npi("1234567890").is_err());
        assert!(npi("12345").is_err());
    }

    #[test]
    fn cli_19_phones_become_e164() {
        for (typed, stored) in [
            ("(312) 555-0142", "+13125550142"),
            ("312.555.0142", "+13125550142"),
            ("1-312-555-0142", "+13125550142"),
            ("+44 20 7946 0958", "+442079460958"),
        ] {
            assert_eq!(phone(typed).as_deref(), Ok(stored), "{typed}");
        }
        for typed in ["", "555-0142", "call me", "+1234567", "312555014２"] {
            assert!(phone(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn dates_that_do_not_exist_are_refused() {
        assert_eq!(date("02/24/2026").ok(), Some(jiff::civil::date(2026, 2, 24)));
        assert_eq!(date("2026-02-24").ok(), Some(jiff::civil::date(2026, 2, 24)));
        for typed in [
            "02/30/2026",
            "2026-13-01",
            "24.02.2026",
            "26-02-24",
            "02/24/26",
            "tomorrow",
        ] {
            assert!(date(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn times_as_people_type_them() {
        let t = |hour, minute| jiff::civil::time(hour, minute, 0, 0);
        for (typed, meant) in [
            ("9:05", t(9, 5)),
            ("09:05", t(9, 5)),
            ("2pm", t(14, 0)),
            ("2:30 PM", t(14, 30)),
            ("12 am", t(0, 0)),
            ("12pm", t(12, 0)),
            ("1430", t(14, 30)),
            ("10:00:00", t(10, 0)),
        ] {
            assert_eq!(time(typed), Ok(meant), "{typed}");
        }
        for typed in ["25:00", "13pm", "0pm", "nine", "9", ""] {
            assert!(time(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn hostile_text_is_kept_as_typed_or_refused_whole() {
        assert_eq!(line("  <b>O'Brien</b> ", 40).as_deref(), Ok("<b>O'Brien</b>"));
        assert_eq!(line("a\u{0}b", 40), Err(TextProblem::Control));
        assert_eq!(line("ééé", 2), Err(TextProblem::TooLong { max: 2, length: 3 }));
        assert_eq!(lines("a\r\nb", 9).as_deref(), Ok("a\nb"));
        for address in ["a@b", "@b.de", "a b@c.de", "a@b..de", "<a>@b.de"] {
            assert!(email(address).is_err(), "{address}");
        }
        assert_eq!(email(" Ann@Example.TEST").as_deref(), Ok("ann@example.test"));
    }
}
