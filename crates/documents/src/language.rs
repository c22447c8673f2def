//! The part of a language tag that the typesetter understands.

/// Language and region of a document, both in the form that the template accepts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Language {
    /// Two or three lower-case letters.
    pub(crate) code: String,
    /// Two upper-case letters, if the tag names a region.
    pub(crate) region: Option<String>,
}

impl Language {
    /// Reads a BCP 47 tag. Whatever is not a language becomes English, because a record is printed in any case.
    pub(crate) fn read(tag: &str) -> Self {
        let mut parts = tag.split(['-', '_']);
        let code = parts.next().unwrap_or_default().to_ascii_lowercase();
        if !(2..=3).contains(&code.len()) || !code.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Self {
                code: "en".to_owned(),
                region: None,
            };
        }
        let region = parts
            .find(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_alphabetic()))
            .map(str::to_ascii_uppercase);
        Self { code, region }
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    fn check(tag: &str, code: &str, region: Option<&str>) {
        let expected = Language {
            code: code.to_owned(),
            region: region.map(str::to_owned),
        };
        assert_eq!(Language::read(tag), expected, "{tag:?}");
    }

    #[test]
    fn every_tag_gives_a_language_that_typst_accepts() {
        check("en", "en", None);
        check("es-MX", "es", Some("MX"));
        check("zh-Hant-TW", "zh", Some("TW"));
        check("EN_us", "en", Some("US"));
        check("", "en", None);
        check("not a language", "en", None);
        check("é1", "en", None);
    }
}
