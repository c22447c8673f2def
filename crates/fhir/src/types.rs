//! The standard's small data types, as they come in and as they go out.
//!
//! Reading takes what it can use and ignores the rest; writing omits what is empty.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::date::When;
use crate::json::{self, Object};

/// Addresses of the code systems and identifier systems that this crate names.
pub mod system {
    /// SNOMED CT.
    pub const SNOMED: &str = "http://snomed.info/sct";
    /// ICD-10-CM.
    pub const ICD_10_CM: &str = "http://hl7.org/fhir/sid/icd-10-cm";
    /// LOINC.
    pub const LOINC: &str = "http://loinc.org";
    /// RxNorm.
    pub const RXNORM: &str = "http://www.nlm.nih.gov/research/umls/rxnorm";
    /// Units of measure.
    pub const UCUM: &str = "http://unitsofmeasure.org";
    /// National Provider Identifier.
    pub const NPI: &str = "http://hl7.org/fhir/sid/us-npi";
    /// Social security number.
    pub const SSN: &str = "http://hl7.org/fhir/sid/us-ssn";
    /// Languages.
    pub const LANGUAGE: &str = "urn:ietf:bcp:47";
    /// Kinds of identifier: MR, SS, DL, PPN …
    pub const IDENTIFIER_TYPE: &str = "http://terminology.hl7.org/CodeSystem/v2-0203";
    /// Races and ethnicities as the US census bureau codes them.
    pub const RACE_AND_ETHNICITY: &str = "urn:oid:2.16.840.1.113883.6.238";
    /// Marital status.
    pub const MARITAL_STATUS: &str = "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus";
    /// Observation categories.
    pub const OBSERVATION_CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";
    /// Classes of encounter: AMB, VR …
    pub const ENCOUNTER_CLASS: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
}

/// One code of one code system.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coding {
    /// The code system's address.
    pub system: Option<String>,
    /// The code.
    pub code: Option<String>,
    /// What the code means, in the sender's words.
    pub display: Option<String>,
}

impl Coding {
    /// A coding with all three parts.
    #[must_use]
    pub fn new(system: &str, code: &str, display: &str) -> Self {
        let given = |text: &str| json::clean(text);
        Self {
            system: given(system),
            code: given(code),
            display: given(display),
        }
    }

    pub(crate) fn read(value: &Value) -> Option<Self> {
        let coding = Self {
            system: json::text(value, "system"),
            code: json::text(value, "code"),
            display: json::text(value, "display"),
        };
        (coding != Self::default()).then_some(coding)
    }

    pub(crate) fn write(&self) -> Value {
        Object::default()
            .put("system", self.system.as_deref())
            .put("code", self.code.as_deref())
            .put("display", self.display.as_deref())
            .done()
    }
}

/// A thing named by codes, by words, or by both (CodeableConcept).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Concept {
    /// The same thing in one or more code systems.
    pub codings: Vec<Coding>,
    /// The sender's words.
    pub text: Option<String>,
}

impl Concept {
    /// A concept of one code.
    #[must_use]
    pub fn coded(system: &str, code: &str, display: &str) -> Self {
        Self {
            codings: vec![Coding::new(system, code, display)],
            text: None,
        }
    }

    /// A concept in words alone.
    #[must_use]
    pub fn words(text: &str) -> Self {
        Self {
            codings: Vec::new(),
            text: json::clean(text),
        }
    }

    /// The best words for it: its text, else a code's display, else a bare code.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        let display = || self.codings.iter().find_map(|coding| coding.display.as_deref());
        let code = || self.codings.iter().find_map(|coding| coding.code.as_deref());
        self.text.as_deref().or_else(display).or_else(code)
    }

    /// The code in the given system.
    #[must_use]
    pub fn code(&self, system: &str) -> Option<&str> {
        self.codings
            .iter()
            .find(|coding| coding.system.as_deref() == Some(system))
            .and_then(|coding| coding.code.as_deref())
    }

    /// The first code, whatever its system; for elements bound to one small value set.
    #[must_use]
    pub fn first_code(&self) -> Option<&str> {
        self.codings.iter().find_map(|coding| coding.code.as_deref())
    }

    pub(crate) fn read(value: &Value) -> Option<Self> {
        let concept = Self {
            codings: json::list(value, "coding").iter().filter_map(Coding::read).collect(),
            text: json::text(value, "text"),
        };
        (concept != Self::default()).then_some(concept)
    }

    pub(crate) fn field(value: &Value, key: &str) -> Option<Self> {
        value.get(key).and_then(Self::read)
    }

    pub(crate) fn fields(value: &Value, key: &str) -> Vec<Self> {
        json::list(value, key).iter().filter_map(Self::read).collect()
    }

    pub(crate) fn write(&self) -> Value {
        Object::default()
            .list("coding", self.codings.iter().map(Coding::write))
            .put("text", self.text.as_deref())
            .done()
    }
}

/// A number that someone gave to a person or thing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identifier {
    /// Who gives out such numbers.
    pub system: Option<String>,
    /// The number.
    pub value: String,
    /// Its kind in the v2-0203 table: `MR`, `SS`, `DL`, `PPN` …
    pub kind: Option<String>,
    /// `usual`, `official`, `old` …
    pub usage: Option<String>,
}

impl Identifier {
    /// An identifier of a system.
    #[must_use]
    pub fn new(system: &str, value: &str) -> Self {
        Self {
            system: json::clean(system),
            value: value.to_owned(),
            ..Self::default()
        }
    }

    pub(crate) fn read(value: &Value) -> Option<Self> {
        Some(Self {
            system: json::text(value, "system"),
            value: json::text(value, "value")?,
            kind: Concept::field(value, "type").and_then(|kind| kind.first_code().map(str::to_owned)),
            usage: json::text(value, "use"),
        })
    }

    pub(crate) fn fields(value: &Value) -> Vec<Self> {
        json::list(value, "identifier").iter().filter_map(Self::read).collect()
    }

    pub(crate) fn write(&self) -> Value {
        let kind = self
            .kind
            .as_deref()
            .map(|kind| Concept::coded(system::IDENTIFIER_TYPE, kind, "").write());
        Object::default()
            .put("use", self.usage.as_deref())
            .put("type", kind)
            .put("system", self.system.as_deref())
            .put("value", self.value.as_str())
            .done()
    }
}

/// A person's name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// `official`, `usual`, `nickname`, `maiden`, `old` …
    pub usage: Option<String>,
    /// The whole name as its sender writes it.
    pub text: Option<String>,
    /// Family name.
    pub family: Option<String>,
    /// Given names, the first first.
    pub given: Vec<String>,
    /// `Mr.`, `Dr.` …
    pub prefix: Vec<String>,
    /// `Jr.`, `PhD` …
    pub suffix: Vec<String>,
}

impl Name {
    pub(crate) fn read(value: &Value) -> Option<Self> {
        let name = Self {
            usage: json::text(value, "use"),
            text: json::text(value, "text"),
            family: json::text(value, "family"),
            given: json::texts(value, "given"),
            prefix: json::texts(value, "prefix"),
            suffix: json::texts(value, "suffix"),
        };
        (name.text.is_some() || name.family.is_some() || !name.given.is_empty()).then_some(name)
    }

    pub(crate) fn fields(value: &Value) -> Vec<Self> {
        json::list(value, "name").iter().filter_map(Self::read).collect()
    }

    pub(crate) fn write(&self) -> Value {
        Object::default()
            .put("use", self.usage.as_deref())
            .put("text", self.text.as_deref())
            .put("family", self.family.as_deref())
            .put("given", self.given.clone())
            .put("prefix", self.prefix.clone())
            .put("suffix", self.suffix.clone())
            .done()
    }
}

/// A phone, fax, email or other address by wire.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telecom {
    /// `phone`, `email`, `fax`, `sms` …
    pub system: Option<String>,
    /// The number or address, as given.
    pub value: String,
    /// `home`, `work`, `mobile`, `old` …
    pub usage: Option<String>,
}

impl Telecom {
    pub(crate) fn fields(value: &Value) -> Vec<Self> {
        let read = |value: &Value| {
            Some(Self {
                system: json::text(value, "system"),
                value: json::text(value, "value")?,
                usage: json::text(value, "use"),
            })
        };
        json::list(value, "telecom").iter().filter_map(read).collect()
    }

    pub(crate) fn write(&self) -> Value {
        Object::default()
            .put("system", self.system.as_deref())
            .put("value", self.value.as_str())
            .put("use", self.usage.as_deref())
            .done()
    }
}

/// A postal address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// `home`, `work`, `old` …
    pub usage: Option<String>,
    /// The whole address as its sender writes it.
    pub text: Option<String>,
    /// Street, number, apartment.
    pub lines: Vec<String>,
    /// City.
    pub city: Option<String>,
    /// County.
    pub district: Option<String>,
    /// State, as given: `MA` or `Massachusetts`.
    pub state: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Country, as given.
    pub country: Option<String>,
}

impl Address {
    pub(crate) fn read(value: &Value) -> Option<Self> {
        let address = Self {
            usage: json::text(value, "use"),
            text: json::text(value, "text"),
            lines: json::texts(value, "line"),
            city: json::text(value, "city"),
            district: json::text(value, "district"),
            state: json::text(value, "state"),
            postal_code: json::text(value, "postalCode"),
            country: json::text(value, "country"),
        };
        let bare = Self {
            usage: address.usage.clone(),
            ..Self::default()
        };
        (address != bare).then_some(address)
    }

    pub(crate) fn fields(value: &Value) -> Vec<Self> {
        json::list(value, "address").iter().filter_map(Self::read).collect()
    }

    pub(crate) fn write(&self) -> Value {
        Object::default()
            .put("use", self.usage.as_deref())
            .put("text", self.text.as_deref())
            .put("line", self.lines.clone())
            .put("city", self.city.as_deref())
            .put("district", self.district.as_deref())
            .put("state", self.state.as_deref())
            .put("postalCode", self.postal_code.as_deref())
            .put("country", self.country.as_deref())
            .done()
    }
}

/// From one moment to another, either end open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// When it begins.
    pub start: Option<When>,
    /// When it ends.
    pub end: Option<When>,
}

impl Period {
    pub(crate) fn write(&self) -> Value {
        Object::default()
            .put("start", self.start.map(|when| when.to_string()))
            .put("end", self.end.map(|when| when.to_string()))
            .done()
    }
}
