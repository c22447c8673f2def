//! Typed ids: one type per kind of record, so that passing one where another is wanted does not compile.
//!
//! Every id is a UUID (version 7, RFC 9562: ordered by the time it was made). Its text form is the plain
//! hyphenated UUID everywhere, which is also a legal FHIR logical id, so nothing is ever translated.
//!
//! ```compile_fail
//! fn open(_: kernel::ClientId) {}
//! open(kernel::UserId::from_uuid(uuid::Uuid::nil()));
//! ```

use uuid::Uuid;

/// What every typed id can do. Implemented by the `ids!` registry only.
pub trait TypedId: Copy + Send + Sync + 'static {
    /// Wraps a UUID that is known to name a record of this kind.
    fn from_uuid(uuid: Uuid) -> Self;
    /// The bare UUID, for the edge of the house only.
    fn uuid(self) -> Uuid;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident,)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID that is known to name a record of this kind.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self { Self(uuid) }
            /// The bare UUID, for the edge of the house only.
            #[must_use]
            pub const fn uuid(self) -> Uuid { self.0 }
        }
        impl TypedId for $name {
            fn from_uuid(uuid: Uuid) -> Self { Self(uuid) }
            fn uuid(self) -> Uuid { self.0 }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> { text.parse().map(Self) }
        }
        impl postgres_types::ToSql for $name {
            fn to_sql(&self, kind: &postgres_types::Type, out: &mut bytes::BytesMut)
                -> Result<postgres_types::IsNull, Box<dyn std::error::Error + Sync + Send>> { self.0.to_sql(kind, out) }
            fn accepts(kind: &postgres_types::Type) -> bool { <Uuid as postgres_types::ToSql>::accepts(kind) }
            postgres_types::to_sql_checked!();
        }
        impl<'a> postgres_types::FromSql<'a> for $name {
            fn from_sql(kind: &postgres_types::Type, raw: &'a [u8])
                -> Result<Self, Box<dyn std::error::Error + Sync + Send>> { Uuid::from_sql(kind, raw).map(Self) }
            fn accepts(kind: &postgres_types::Type) -> bool { <Uuid as postgres_types::FromSql>::accepts(kind) }
        }
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::Uuid)))
                    .build()
                    .into()
            }
        }
        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> { std::borrow::Cow::Borrowed(stringify!($name)) }
        }
    )+};
}

ids! {
    /// A practice: the tenant, and the first half of every key.
    PracticeId,
    /// A place where a practice works.
    LocationId,
    /// A person who signs in.
    UserId,
    /// One signed-in browser.
    SessionId,
    /// A second factor of a user.
    AuthenticatorId,
    /// A key for programs.
    ApiKeyId,
    /// One line of the audit log.
    AuditEventId,
    /// A person served by the practice.
    ClientId,
    /// A phone, e-mail or postal address of a client.
    ContactPointId,
    /// Who of the staff treats a client, and when.
    AssignmentId,
    /// An allergy or intolerance of a client.
    AllergyId,
    /// An insurance coverage of a client.
    CoverageId,
    /// A professional outside the practice.
    ExternalProviderId,
    /// A kind of appointment the practice offers.
    AppointmentTypeId,
    /// One visit on the calendar.
    AppointmentId,
    /// A clinician, client, room or device that can be booked.
    ResourceId,
    /// A clinical note.
    NoteId,
    /// A diagnosis or problem of a client.
    ConditionId,
    /// An encounter that happened before the client's record came here, or outside.
    EncounterId,
    /// A finding about a client at an instant.
    ObservationId,
    /// A foreign FHIR resource kept as it came.
    ExternalResourceId,
    /// One run of an import.
    ImportId,
    /// A job waiting for a worker.
    JobId,
    /// Something that happened and that others may subscribe to.
    EventId,
    /// A message on its way out.
    MailId,
    /// A file in the file store.
    FileId,
}
