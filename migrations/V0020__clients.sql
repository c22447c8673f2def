-- The people served, how to reach them, and the numbers that other systems know them by.

-- Published by identity for the rooms above: names of colleagues and whether they treat, nothing else of an account.
create view colleague with (security_invoker = true) as
select u.practice_id, u.id, u.given_name || ' ' || u.family_name as name, u.family_name, u.given_name, u.credentials, u.npi,
       u.status in ('active', 'onboarding') as is_active,
       exists (select from user_role r where r.practice_id = u.practice_id and r.user_id = u.id
                and r.role in ('clinician', 'supervisor', 'supervisee', 'intern')) as treats
  from app_user u;
comment on view colleague is 'Names of the practice''s people, for records that name who treats, wrote or decided.';
grant select on colleague to mentalspace_app;

create table client_counter (
    practice_id uuid primary key references practice,
    next_number bigint not null
);
comment on table client_counter is 'The next record number of each practice; its row lock makes registrations take turns.';
call isolate('client_counter');
grant select, insert, update on client_counter to mentalspace_app;

create table client (
    practice_id          uuid not null references practice,
    id                   uuid not null,
    mrn                  text not null,
    family               text not null,
    given                text not null,
    middle               text,
    suffix               text,
    preferred_name       text,
    previous_names       text[] not null default '{}',
    pronouns             text,
    birth_date           date,
    birth_date_estimated boolean not null default false,
    deceased_at          timestamptz,
    sex_administrative   text not null default 'unknown',
    marital_status       text,
    languages            text[] not null default '{}',
    race                 text[] not null default '{}',
    ethnicity            text[] not null default '{}',
    status               text not null default 'intake',
    presenting_concern   text,
    payment_mode         text,
    sort_name            text not null generated always as (lower(family) || ', ' || lower(given)) stored,
    version              bigint not null default 1,
    created_at           timestamptz not null,
    created_by           uuid,
    updated_at           timestamptz not null,
    updated_by           uuid,
    primary key (practice_id, id),
    constraint client_mrn_unique unique (practice_id, mrn),
    constraint client_named check (family <> '' or given <> ''),
    constraint client_birth_date_possible check (birth_date >= date '1850-01-01'),
    constraint client_concern_short check (char_length(presenting_concern) <= 2000),
    constraint client_sex_known check (sex_administrative in ('male', 'female', 'other', 'unknown')),
    constraint client_payment_mode_known check (payment_mode in ('self_pay', 'insurance', 'eap', 'other_program')),
    constraint client_status_known check (status in ('inquiry', 'waitlisted', 'intake', 'active', 'inactive', 'discharged', 'declined', 'deceased', 'entered_in_error', 'merged'))
);
comment on table client is 'A person who receives care. FHIR calls it Patient.';
comment on column client.mrn is 'Record number from client_counter; never given twice.';
comment on column client.birth_date_estimated is 'Only the year or month is known; the date is its first day.';
comment on column client.sex_administrative is 'FHIR administrative-gender: what claims send.';
comment on column client.marital_status is 'HL7 v3 MaritalStatus code.';
comment on column client.languages is 'BCP 47, the preferred one first.';
comment on column client.race is 'CDC Race & Ethnicity codes, or declined, or unknown.';
comment on column client.ethnicity is 'CDC Race & Ethnicity codes, or declined, or unknown.';
comment on column client.sort_name is 'What lists are sorted by; stored, since lower() reaches no index under row-level security.';
create index client_by_name on client (practice_id, sort_name, id);
create index client_newest on client (practice_id, created_at desc, id desc);
create index client_birth_date on client (practice_id, birth_date);
call isolate('client');
grant select, insert on client to mentalspace_app;
grant update (family, given, middle, suffix, preferred_name, previous_names, pronouns, birth_date, birth_date_estimated, deceased_at,
    sex_administrative, marital_status, languages, race, ethnicity, status, presenting_concern, payment_mode, version, updated_at, updated_by)
    on client to mentalspace_app;

-- Published for lists of the rooms above.
create view client_name with (security_invoker = true) as
select c.practice_id, c.id, c.mrn,
       case when c.preferred_name like '% %' then c.preferred_name else btrim(coalesce(c.preferred_name, c.given) || ' ' || c.family) end as display_name
  from client c;
comment on view client_name is 'What each client is called, for lists.';
grant select on client_name to mentalspace_app;

create table client_contact_point (
    practice_id  uuid not null,
    id           uuid not null,
    client_id    uuid not null,
    kind         text not null,
    use          text not null,
    value        text not null,
    address_line text,
    city         text,
    state        text,
    postal_code  text,
    country      text,
    rank         integer not null default 1,
    valid_to     date,
    created_at   timestamptz not null,
    created_by   uuid,
    primary key (practice_id, id),
    constraint client_contact_point_client foreign key (practice_id, client_id) references client,
    constraint client_contact_point_kind_known check (kind in ('phone', 'email', 'postal')),
    constraint client_contact_point_use_known check (use in ('home', 'mobile', 'work', 'temporary', 'mailing')),
    constraint client_contact_point_value_given check (value <> '')
);
comment on table client_contact_point is 'A phone, e-mail or postal address of a client. Ended ones stay, with the day they ended.';
comment on column client_contact_point.value is 'Phone in E.164 (as given where it is none), e-mail in small letters, or the address on one line.';
comment on column client_contact_point.valid_to is 'First day on which it no longer holds.';
create index client_contact_point_client on client_contact_point (practice_id, client_id, rank, id);
create index client_contact_point_value on client_contact_point (practice_id, value) where valid_to is null and kind <> 'postal';
call isolate('client_contact_point');
grant select, insert on client_contact_point to mentalspace_app;
grant update (valid_to, rank) on client_contact_point to mentalspace_app;

create table external_identifier (
    practice_id uuid not null,
    kind        text not null,
    system      text not null,
    value       text not null,
    record_id   uuid not null,
    client_id   uuid,
    created_at  timestamptz not null,
    primary key (practice_id, kind, system, value),
    constraint external_identifier_client foreign key (practice_id, client_id) references client
);
comment on table external_identifier is 'What other systems call our records: one foreign number leads to one record of a kind.';
comment on column external_identifier.kind is 'The table of the record, such as client or allergy_intolerance.';
comment on column external_identifier.system is 'The numbering system''s URI.';
create index external_identifier_record on external_identifier (practice_id, record_id);
call isolate('external_identifier');
grant select, insert, delete on external_identifier to mentalspace_app;
