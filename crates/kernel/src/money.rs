//! Money in whole cents. There is no floating point near money anywhere in the house.

/// An amount in US cents; negative amounts are owed the other way.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(transparent)]
pub struct Cents(pub i64);

impl std::fmt::Display for Cents {
    /// `$1,234.50`; a debt as `−$1.00` with the true minus sign, so that it lines up in columns.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { "−" } else { "" };
        let whole = (self.0.unsigned_abs() / 100).to_string();
        let mut grouped = String::with_capacity(whole.len() + whole.len() / 3);
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        write!(f, "{sign}${grouped}.{:02}", self.0.unsigned_abs() % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::Cents;

    #[test]
    fn amounts_read_as_people_write_them() {
        for (cents, text) in [
            (0, "$0.00"),
            (7500, "$75.00"),
            (123_456_789, "$1,234,567.89"),
            (-5, "−$0.05"),
            (i64::MIN, "−$92,233,720,368,547,758.08"),
        ] {
            assert_eq!(Cents(cents).to_string(), text);
        }
    }
}
