//! Search parameters.

use fhir::search::{
    Bounds, Definition, Filter, Handling, Kind, MAXIMUM_COUNT, Modifier, Query, ReferenceTest, SearchError, Sort, Test,
    TextMode, TextTest, TokenTest, parse,
};
use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;
use proptest::prelude::*;

const PATIENT: [Definition; 5] = [
    Definition::new("birthdate", Kind::Date),
    Definition::new("name", Kind::Text),
    Definition::new("identifier", Kind::Token).with_modifiers(&[Modifier::Not, Modifier::Missing]),
    Definition::reference("general-practitioner", &["Practitioner", "Organization"]),
    Definition::reference("organization", &["Organization"]),
];

fn query_in(pairs: &[(&str, &str)], handling: Handling) -> Result<Query, SearchError> {
    parse(pairs, &PATIENT, handling, &TimeZone::get("America/New_York").unwrap())
}

fn query(pairs: &[(&str, &str)]) -> Result<Query, SearchError> {
    query_in(pairs, Handling::Lenient)
}

fn test(name: &str, value: &str) -> Test {
    query(&[(name, value)]).unwrap().filters.remove(0).test
}

fn instants(value: &str) -> Bounds<Timestamp> {
    match test("birthdate", value) {
        Test::Date(tests) => tests[0].instants(),
        other => panic!("{other:?}"),
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// INT-4: a date is as wide as it is written, in the practice's zone, and half-open.
#[test]
fn int_4_partial_dates_are_ranges() {
    for (written, from, until) in [
        ("2026", "2026-01-01T05:00:00Z", "2027-01-01T05:00:00Z"),
        ("eq2026-03", "2026-03-01T05:00:00Z", "2026-04-01T04:00:00Z"),
        ("2026-03-08", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"),
        ("2026-03-08T10:00", "2026-03-08T14:00:00Z", "2026-03-08T14:01:00Z"),
        ("2026-03-08T10:00:00Z", "2026-03-08T10:00:00Z", "2026-03-08T10:00:01Z"),
        (
            "2026-03-08T10:00:00.25+02:00",
            "2026-03-08T08:00:00.25Z",
            "2026-03-08T08:00:00.26Z",
        ),
        (
            "2026-03-08T10:00:00 02:00",
            "2026-03-08T08:00:00Z",
            "2026-03-08T08:00:01Z",
        ),
    ] {
        assert_eq!(instants(written), Bounds::Within(at(from), at(until)), "{written}");
    }
}

#[test]
fn int_4_prefixes_compare_with_the_right_end() {
    let (from, until) = (at("2026-03-01T05:00:00Z"), at("2026-04-01T04:00:00Z"));
    for (prefix, bounds) in [
        ("ne", Bounds::Outside(from, until)),
        ("gt", Bounds::From(until)),
        ("sa", Bounds::From(until)),
        ("ge", Bounds::From(from)),
        ("lt", Bounds::Before(from)),
        ("eb", Bounds::Before(from)),
        ("le", Bounds::Before(until)),
    ] {
        assert_eq!(instants(&format!("{prefix}2026-03")), bounds, "{prefix}");
    }
    let Test::Date(tests) = test("birthdate", "ge1986-04-12,1990") else {
        panic!()
    };
    assert_eq!(tests[0].days(), Bounds::From(date(1986, 4, 12)));
    assert_eq!(tests[1].days(), Bounds::Within(date(1990, 1, 1), date(1991, 1, 1)));
    for wrong in [
        "1986-02-30",
        "ap2026",
        "xx2026",
        "tomorrow",
        "2026-3-1",
        "2026-03-08T25:00Z",
    ] {
        assert!(
            matches!(query(&[("birthdate", wrong)]), Err(SearchError::Value { .. })),
            "{wrong}"
        );
    }
}

#[test]
fn int_4_periods_are_compared_as_ranges() {
    let Test::Date(tests) = test("birthdate", "2026-03,gt2026-03,sa2026-03,le2026-03") else {
        panic!()
    };
    let matches = |start: &str, end: Option<&str>| {
        tests
            .iter()
            .map(|test| test.matches_period(at(start), end.map(at)))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        matches("2026-03-10T00:00:00Z", Some("2026-03-12T00:00:00Z")),
        [true, false, false, true]
    );
    assert_eq!(matches("2026-03-10T00:00:00Z", None), [false, true, false, false]);
    assert_eq!(
        matches("2026-05-10T00:00:00Z", Some("2026-05-11T00:00:00Z")),
        [false, true, true, false]
    );
}

#[test]
fn int_4_tokens_text_and_references() {
    let exactly = TokenTest::Exactly {
        system: "urn:s".to_owned(),
        code: "a,b|c".to_owned(),
    };
    let any = vec![
        exactly,
        TokenTest::AnySystem("d".to_owned()),
        TokenTest::WithoutSystem("e".to_owned()),
        TokenTest::AnyCode("f".to_owned()),
    ];
    assert_eq!(
        test("identifier", r"urn:s|a\,b\|c,d,|e,f|"),
        Test::Token { any, negated: false }
    );
    assert!(matches!(test("identifier:not", "d"), Test::Token { negated: true, .. }));
    assert_eq!(test("identifier:missing", "true"), Test::Missing(true));
    let text = |mode| {
        Test::Text(vec![TextTest {
            mode,
            value: "Smith".to_owned(),
        }])
    };
    assert_eq!(test("name", "Smith"), text(TextMode::StartsWith));
    assert_eq!(test("name:exact", "Smith"), text(TextMode::Exact));
    assert_eq!(test("name:contains", "Smith"), text(TextMode::Contains));
    let to = |kind: Option<&str>| {
        Test::Reference(vec![ReferenceTest {
            kind: kind.map(str::to_owned),
            id: "7".to_owned(),
        }])
    };
    assert_eq!(test("organization", "7"), to(Some("Organization")));
    assert_eq!(test("general-practitioner", "7"), to(None));
    assert_eq!(test("general-practitioner:Practitioner", "7"), to(Some("Practitioner")));
    assert_eq!(
        test("general-practitioner", "https://x.example/fhir/Practitioner/7"),
        to(Some("Practitioner"))
    );
    for (name, wrong) in [
        ("identifier", "|"),
        ("identifier", "a|b|c"),
        ("organization", "Patient/7"),
        ("organization", "/"),
        ("_count", "-1"),
        ("_sort", "x"),
    ] {
        assert!(
            matches!(query(&[(name, wrong)]), Err(SearchError::Value { .. })),
            "{name}={wrong}"
        );
    }
    for name in [
        "name:not",
        "birthdate:exact",
        "identifier:text",
        "general-practitioner:Patient",
    ] {
        assert!(
            matches!(query(&[(name, "7")]), Err(SearchError::UnknownModifier { .. })),
            "{name}"
        );
    }
}

/// INT-4: an unknown parameter is ignored and told, or refused where the caller asks for that.
#[test]
fn int_4_unknown_parameters_follow_handling() {
    let lenient = query(&[("colour", "red"), ("name", "Vale"), ("name", ""), ("_cursor", "abc")]).unwrap();
    assert_eq!(lenient.ignored, ["colour"]);
    assert_eq!(lenient.understood, [("name".to_owned(), "Vale".to_owned())]);
    assert_eq!(lenient.cursor.as_deref(), Some("abc"));
    let strict = query_in(
        &[("colour", "red")],
        Handling::from_prefer("return=minimal; handling=strict"),
    );
    assert_eq!(
        strict,
        Err(SearchError::UnknownParameter {
            name: "colour".to_owned()
        })
    );
    assert_eq!(Handling::from_prefer("handling=lenient"), Handling::Lenient);
}

#[test]
fn int_4_pages_order_and_ids() {
    let query = query(&[
        ("_count", "9000"),
        ("_id", "a,b"),
        ("_id", "b,c"),
        ("_sort", "-birthdate,_id"),
        ("name", "x"),
        ("name", "y"),
        ("_lastUpdated", "gt2026"),
    ]);
    let query = query.unwrap();
    assert_eq!((query.count, query.count_only), (MAXIMUM_COUNT, false));
    assert_eq!(query.ids, Some(vec!["b".to_owned()]));
    assert_eq!(
        query.sort,
        [
            Sort {
                name: "birthdate",
                descending: true
            },
            Sort {
                name: "_id",
                descending: false
            }
        ]
    );
    let names: Vec<_> = query.filters.iter().map(|Filter { name, .. }| *name).collect();
    assert_eq!((names, query.last_updated.len()), (vec!["name", "name"], 1));
    assert!(query_in(&[("_count", "0")], Handling::Strict).unwrap().count_only);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Any text is understood or refused, and a moment lies within a date exactly when it lies neither before nor after it.
    #[test]
    fn any_query_is_survived(name in "[a-z_:-]{0,12}", value in "\\PC{0,30}", day in "(19|20)[0-9]{2}(-(0[1-9]|1[0-2])(-(0[1-9]|1[0-9]|2[0-8]))?)?", second in 0_i64..4_000_000_000) {
        for definition in PATIENT {
            let _ = query(&[(definition.name, value.as_str()), (name.as_str(), value.as_str())]);
        }
        let moment = Timestamp::from_second(second).unwrap();
        let holds = |prefix: &str| instants(&format!("{prefix}{day}")).contains(&moment);
        prop_assert_eq!([holds("eq"), holds("lt"), holds("gt")].iter().filter(|holds| **holds).count(), 1);
        prop_assert_eq!(holds("ne"), !holds("eq"));
        prop_assert_eq!(holds("le"), !holds("gt"));
        prop_assert_eq!(holds("ge"), !holds("lt"));
    }
}
