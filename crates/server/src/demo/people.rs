//! The people of the demonstration practice. All of them are invented; addresses and numbers are of the kinds
//! reserved for examples (RFC 2606, 555-01xx).

use clients::{ContactKind, ContactUse, Demographics, NewClient, NewContact, PaymentMode};
use kernel::{Refusal, Role, UserId};

/// A member of staff.
pub struct Staff {
    /// Before the `@`.
    pub mailbox: &'static str,
    /// Given name.
    pub given: &'static str,
    /// Family name.
    pub family: &'static str,
    /// Letters behind the name.
    pub credentials: Option<&'static str>,
    /// Roles.
    pub roles: &'static [Role],
    /// Whether sessions are booked with this person.
    pub bookable: bool,
}

const fn staff(
    mailbox: &'static str,
    given: &'static str,
    family: &'static str,
    credentials: Option<&'static str>,
    roles: &'static [Role],
    bookable: bool,
) -> Staff {
    Staff {
        mailbox,
        given,
        family,
        credentials,
        roles,
        bookable,
    }
}

/// One person per role, and a second clinician.
pub const STAFF: &[Staff] = &[
    staff("owner", "Marion", "Vale", None, &[Role::Owner], false),
    staff("administrator", "Tomas", "Reed", None, &[Role::Administrator], false),
    staff("clinician", "Ines", "Calloway", Some("LCSW"), &[Role::Clinician], true),
    staff("clinician2", "Jonah", "Okafor", Some("LMFT"), &[Role::Clinician], true),
    staff(
        "supervisor",
        "Ruth",
        "Lindqvist",
        Some("PhD"),
        &[Role::Supervisor, Role::Clinician],
        true,
    ),
    staff("supervisee", "Peter", "Anand", Some("LMSW"), &[Role::Supervisee], true),
    staff("intern", "Mei", "Torres", None, &[Role::Intern], true),
    staff("biller", "Grace", "Holloway", None, &[Role::Biller], false),
    staff("front-desk", "Sam", "Whitaker", None, &[Role::FrontDesk], false),
    staff("compliance", "Edith", "Navarro", None, &[Role::Compliance], false),
    staff("it-admin", "Leo", "Brandt", None, &[Role::ItAdmin], false),
    staff("auditor", "Nora", "Fielding", None, &[Role::Auditor], false),
];

/// A client.
pub struct Person {
    /// Given name.
    pub given: &'static str,
    /// Family name.
    pub family: &'static str,
    /// What they want to be called, where that differs.
    pub preferred: Option<&'static str>,
    /// Pronouns.
    pub pronouns: Option<&'static str>,
    /// Birth date.
    pub born: &'static str,
    /// FHIR administrative gender.
    pub sex: &'static str,
    /// Why they came.
    pub concern: &'static str,
}

const fn person(
    given: &'static str,
    family: &'static str,
    preferred: Option<&'static str>,
    pronouns: Option<&'static str>,
    born: &'static str,
    sex: &'static str,
    concern: &'static str,
) -> Person {
    Person {
        given,
        family,
        preferred,
        pronouns,
        born,
        sex,
        concern,
    }
}

/// Short and long names, many scripts, one-word names, apostrophes and hyphens: what a look must bear.
pub const CLIENTS: &[Person] = &[
    person(
        "Amelia",
        "Hartwell",
        None,
        Some("she/her"),
        "1988-03-14",
        "female",
        "Worry that keeps her awake, since a change of work.",
    ),
    person(
        "Bo",
        "Li",
        None,
        None,
        "1995-11-02",
        "male",
        "Low mood after moving to the city.",
    ),
    person(
        "Siobhán",
        "O'Malley-Fitzgerald",
        Some("Shiv"),
        Some("she/they"),
        "1979-06-30",
        "female",
        "Grief after her father's death.",
    ),
    person(
        "Diego",
        "Marroquín",
        None,
        Some("he/him"),
        "2001-01-19",
        "male",
        "Panic on the subway.",
    ),
    person(
        "Renée",
        "Beauchêne",
        None,
        None,
        "1966-09-08",
        "female",
        "Anger at home; asks for ways to pause.",
    ),
    person(
        "Kwame",
        "Asante",
        None,
        Some("he/him"),
        "1990-12-25",
        "male",
        "Trouble concentrating at work.",
    ),
    person(
        "Yuki",
        "Tanaka",
        None,
        Some("they/them"),
        "2003-05-05",
        "other",
        "Identity and family expectations.",
    ),
    person(
        "Ольга",
        "Соколова",
        Some("Olga"),
        Some("she/her"),
        "1973-02-11",
        "female",
        "Sleep, after years of night shifts.",
    ),
    person(
        "محمد",
        "الخطيب",
        Some("Mohammed"),
        None,
        "1985-07-21",
        "male",
        "Nightmares since an accident.",
    ),
    person(
        "Priyanka",
        "Venkataraghavan-Subramaniam",
        None,
        Some("she/her"),
        "1998-08-17",
        "female",
        "Perfectionism and exhaustion at university.",
    ),
    person(
        "Walter",
        "Abernathy",
        None,
        Some("he/him"),
        "1941-04-03",
        "male",
        "Loneliness since retirement.",
    ),
    person(
        "Zoë",
        "van der Linden",
        None,
        None,
        "1992-10-10",
        "female",
        "Stress between two jobs and a small child.",
    ),
    person(
        "Marcus",
        "Bell",
        None,
        Some("he/him"),
        "1983-01-28",
        "male",
        "Drinking more than he wants to.",
    ),
    person(
        "Noor",
        "Haddad",
        None,
        Some("she/her"),
        "2008-03-09",
        "female",
        "School avoidance; comes with her mother.",
    ),
    person(
        "Teresa",
        "Quintana",
        Some("Tess"),
        Some("she/her"),
        "1977-12-01",
        "female",
        "Conflict in her marriage.",
    ),
    person(
        "Liam",
        "Ashdown",
        None,
        None,
        "1999-09-23",
        "male",
        "Intrusive thoughts and checking.",
    ),
    person(
        "Fatoumata",
        "Diallo",
        None,
        Some("she/her"),
        "1987-05-16",
        "female",
        "Pain and low mood.",
    ),
    person(
        "Gregory",
        "Stein",
        Some("Greg"),
        Some("he/him"),
        "1959-11-11",
        "male",
        "Adjusting to early retirement.",
    ),
    person(
        "Hana",
        "Kovářová",
        None,
        Some("she/her"),
        "1994-02-27",
        "female",
        "Social fear; works from home.",
    ),
    person(
        "Ezekiel",
        "Brown",
        Some("Zeke"),
        Some("he/him"),
        "2010-06-18",
        "male",
        "Attention and school; comes with his father.",
    ),
    person(
        "陳",
        "美玲",
        Some("Mei-Ling"),
        Some("she/her"),
        "1969-08-08",
        "female",
        "Worry about her children abroad.",
    ),
    person(
        "Ursula",
        "Feather",
        None,
        None,
        "1952-10-31",
        "female",
        "Memory worries; asks for an evaluation.",
    ),
    person(
        "Dominic",
        "Achterberg",
        None,
        Some("he/him"),
        "1980-07-07",
        "male",
        "Burnout in a hospital job.",
    ),
    person(
        "Isla",
        "McGregor",
        None,
        Some("she/her"),
        "1996-04-22",
        "female",
        "Eating and body image.",
    ),
    person(
        "Omar",
        "Farouk",
        None,
        None,
        "1975-03-03",
        "male",
        "Headaches and tension.",
    ),
    person(
        "Lucinda",
        "Pemberton",
        Some("Lucy"),
        Some("she/her"),
        "2005-12-12",
        "female",
        "First year at college; homesick.",
    ),
    person(
        "Ravi",
        "Menon",
        None,
        Some("he/him"),
        "1989-09-09",
        "male",
        "Relationship ended; sleeps badly.",
    ),
    person(
        "Clementine",
        "Doyle",
        None,
        Some("she/they"),
        "1991-01-01",
        "female",
        "Postpartum worry.",
    ),
    person("Anders", "Holm", None, None, "1964-06-06", "male", "Bereavement."),
    person(
        "Beatriz",
        "Figueiredo",
        Some("Bia"),
        Some("she/her"),
        "2000-10-04",
        "female",
        "Stage fright; studies music.",
    ),
];

/// Texts of the demonstration's notes: subjective, objective, assessment, plan.
pub const NOTES: &[[&str; 4]] = &[
    [
        "Reports a better week: slept six hours on five nights. Worry rose on Sunday evening, before work. Used the breathing exercise twice and it helped \"a little, but sooner than before\".",
        "On time, well groomed, cooperative. Mood \"okay\", affect full range and congruent. Speech and thought process unremarkable. No suicidal or homicidal ideation.",
        "Generalised worry, improving. Avoidance of e-mail on weekends keeps the Sunday peak going. Progress on objective 1 (sleep).",
        "Continue weekly. Exposure: open the inbox on Saturday for ten minutes, note prediction and outcome. Review sleep log next session.",
    ],
    [
        "Describes two panic attacks, both underground, both shorter than last month's. Got off once, stayed once.",
        "Restless at first, settled within ten minutes. Affect anxious, then brighter. Oriented, attention intact. Denies thoughts of self-harm.",
        "Panic with situational cues; interoceptive practice begins to work. Motivation high.",
        "Two rides of three stops before next session with the written plan. Continue breathing retraining only after, not during, a ride.",
    ],
    [
        "Spoke about the first birthday without her father. Cried, then laughed about the cake. Asks whether it is wrong to feel relieved.",
        "Tearful, reactive affect. Thought content focused on loss, without hopelessness. No risk indicators.",
        "Grief within expected range; guilt about relief is the theme that keeps returning.",
        "Letter to her father as homework, unsent. Session on caring and relief next time. Sister invited for a joint session in a month.",
    ],
    [
        "Drank on three evenings, at most two glasses, as planned. One craving after a quarrel, went for a walk.",
        "Alert, good eye contact. Mood \"proud, actually\". Insight good.",
        "Harm reduction on course; conflict remains the main trigger.",
        "Keep the diary. Practise the pause script with his wife. Repeat the screening questionnaire in two weeks.",
    ],
];

/// A client as a receptionist would register them.
///
/// # Errors
/// A birth date that does not exist: a fault of this file.
pub fn new_client(person: &Person, clinician: UserId, index: usize) -> Result<NewClient, Refusal> {
    let number = |from: usize| format!("+1312555{:04}", from + index);
    let mailbox: String = person
        .family
        .chars()
        .filter(char::is_ascii_alphabetic)
        .collect::<String>()
        .to_lowercase();
    let mut contacts = vec![NewContact::plain(ContactKind::Phone, ContactUse::Mobile, number(100))];
    if !mailbox.is_empty() {
        contacts.push(NewContact::plain(
            ContactKind::Email,
            ContactUse::Home,
            format!("{mailbox}{index}@example.com"),
        ));
    }
    Ok(NewClient {
        who: Demographics {
            family: person.family.to_owned(),
            given: person.given.to_owned(),
            preferred_name: person.preferred.map(str::to_owned),
            pronouns: person.pronouns.map(str::to_owned),
            birth_date: Some(kernel::text::date(person.born).map_err(|_| Refusal::Fault)?),
            sex: person.sex.parse().ok(),
            presenting_concern: Some(person.concern.to_owned()),
            payment_mode: Some(if index.is_multiple_of(3) {
                PaymentMode::SelfPay
            } else {
                PaymentMode::Insurance
            }),
            ..Demographics::default()
        },
        contacts,
        clinician: Some(clinician),
        is_different_person: true,
    })
}
