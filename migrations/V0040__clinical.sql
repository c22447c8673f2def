-- Notes that become immutable when signed, and the history that comes with a client from elsewhere.

create table clinical_note (
    practice_id    uuid not null references practice,
    id             uuid not null,
    client_id      uuid not null,
    author_id      uuid not null,
    appointment_id uuid not null,
    note_type      text not null,
    format         text not null,
    status         text not null,
    service_start  timestamptz not null,
    service_end    timestamptz not null,
    modality       text not null,
    content        jsonb not null,
    revision       bigint not null default 0,
    due_at         timestamptz not null,
    signed_at      timestamptz,
    created_at     timestamptz not null,
    updated_at     timestamptz not null,
    primary key (practice_id, id),
    foreign key (practice_id, client_id) references client,
    foreign key (practice_id, author_id) references app_user,
    foreign key (practice_id, appointment_id) references appointment,
    constraint clinical_note_one_per_visit unique (practice_id, appointment_id, author_id),
    constraint clinical_note_status_known check (status in ('draft', 'signed')),
    constraint clinical_note_format_known check (format in ('soap')),
    constraint clinical_note_signed_at check ((status = 'signed') = (signed_at is not null)),
    constraint clinical_note_times check (service_end > service_start)
);
comment on table clinical_note is 'A note of a session. A draft changes with every autosave; a signed note never changes again.';
comment on column clinical_note.content is 'Section key to text.';
comment on column clinical_note.revision is 'Counts saves of the draft; a save made on an older revision is refused.';
create index clinical_note_client on clinical_note (practice_id, client_id, service_start desc, id desc);
create index clinical_note_open on clinical_note (practice_id, author_id, due_at, id) where status = 'draft';
create index clinical_note_author on clinical_note (practice_id, author_id, service_start desc, id desc);
call isolate('clinical_note');
grant select, insert on clinical_note to mentalspace_app;
grant update (content, revision, status, signed_at, updated_at) on clinical_note to mentalspace_app;

-- DOC-59: no role of the application, however it asks, changes what was signed.
create function clinical_note_guard() returns trigger
    language plpgsql as $$
begin
    if old.status <> 'draft' then
        raise exception 'signed_note_immutable';
    end if;
    return new;
end
$$;
create trigger clinical_note_immutable before update or delete on clinical_note
    for each row execute function clinical_note_guard();

create table note_draft_save (
    practice_id uuid not null,
    note_id     uuid not null,
    revision    bigint not null,
    session_id  uuid,
    editor      text,
    change      bigint,
    saved_at    timestamptz not null,
    changed     jsonb not null,
    primary key (practice_id, note_id, revision),
    foreign key (practice_id, note_id) references clinical_note
);
comment on table note_draft_save is 'Each save of a draft with the sections it changed; nothing acknowledged is lost. Append-only.';
comment on column note_draft_save.editor is 'The open page that saved, and below it how many changes it had made: a page whose answer was lost is known again.';
call isolate('note_draft_save');
grant select, insert on note_draft_save to mentalspace_app;

create table note_version (
    practice_id uuid not null,
    note_id     uuid not null,
    version     integer not null,
    snapshot    text not null,
    hash        bytea not null,
    previous    bytea,
    made_at     timestamptz not null,
    primary key (practice_id, note_id, version),
    foreign key (practice_id, note_id) references clinical_note
);
comment on table note_version is 'The note exactly as signed: RFC 8785 JSON and its SHA-256. Insert-only.';
call isolate('note_version');
grant select, insert on note_version to mentalspace_app;

create table signature (
    practice_id     uuid not null,
    id              uuid not null,
    note_id         uuid not null,
    version         integer not null,
    signer_id       uuid not null,
    meaning         text not null,
    attestation     text not null,
    credential_line text not null,
    method          text not null,
    signed_at       timestamptz not null,
    address         text,
    primary key (practice_id, id),
    foreign key (practice_id, note_id, version) references note_version,
    foreign key (practice_id, signer_id) references app_user,
    constraint signature_once unique (practice_id, note_id, version, signer_id, meaning),
    constraint signature_meaning_known check (meaning in ('author', 'co_signer')),
    constraint signature_method_known check (method in ('password'))
);
comment on table signature is 'Who put a name under which version, with the words shown and how the person was proven. Insert-only.';
call isolate('signature');
grant select, insert on signature to mentalspace_app;

create table note_due (
    practice_id    uuid not null references practice,
    appointment_id uuid not null,
    client_id      uuid not null,
    clinician_id   uuid not null,
    service_start  timestamptz not null,
    due_at         timestamptz not null,
    primary key (practice_id, appointment_id),
    foreign key (practice_id, appointment_id) references appointment
);
comment on table note_due is 'Attended sessions that still lack a signed note; opened and cleared by events.';
create index note_due_clinician on note_due (practice_id, clinician_id, due_at, appointment_id);
call isolate('note_due');
grant select, insert, delete on note_due to mentalspace_app;

create table condition (
    practice_id         uuid not null references practice,
    id                  uuid not null,
    client_id           uuid not null,
    snomed_code         text,
    icd10cm_code        text,
    description         text not null,
    clinical_status     text not null,
    verification_status text not null,
    onset_on            text,
    abated_on           text,
    recorded_on         text,
    encounter_source    text,
    source              text not null,
    version             bigint not null default 1,
    created_at          timestamptz not null,
    updated_at          timestamptz not null,
    primary key (practice_id, id),
    foreign key (practice_id, client_id) references client,
    constraint condition_clinical_status_known check (clinical_status in ('active', 'recurrence', 'relapse', 'inactive', 'remission', 'resolved', 'unknown'))
);
comment on table condition is 'Problem list: diagnoses and other conditions, with the codes they came with.';
comment on column condition.onset_on is 'FHIR date or instant as precise as it is known.';
create index condition_client on condition (practice_id, client_id, clinical_status, onset_on desc, id);
call isolate('condition');
grant select, insert, update on condition to mentalspace_app;

create table past_encounter (
    practice_id  uuid not null references practice,
    id           uuid not null,
    client_id    uuid not null,
    class        text not null,
    description  text not null,
    status       text not null,
    started_at   timestamptz,
    ended_at     timestamptz,
    provider     text,
    organization text,
    reason       text,
    source       text not null,
    version      bigint not null default 1,
    created_at   timestamptz not null,
    primary key (practice_id, id),
    foreign key (practice_id, client_id) references client
);
comment on table past_encounter is 'Encounters from before the record came here, or outside.';
create index past_encounter_client on past_encounter (practice_id, client_id, started_at desc nulls last, id);
call isolate('past_encounter');
grant select, insert, update on past_encounter to mentalspace_app;

create table observation (
    practice_id  uuid not null references practice,
    id           uuid not null,
    client_id    uuid not null,
    category     text not null,
    code_system  text,
    code         text,
    description  text not null,
    value_text   text not null,
    components   jsonb not null,
    status       text not null,
    effective_at timestamptz,
    source       text not null,
    version      bigint not null default 1,
    created_at   timestamptz not null,
    primary key (practice_id, id),
    foreign key (practice_id, client_id) references client,
    constraint observation_category_known check (category in ('survey', 'social-history', 'vital-signs'))
);
comment on table observation is 'Findings: answers to instruments, social history, vital signs.';
comment on column observation.value_text is 'The value as people read it, with its unit.';
create index observation_client on observation (practice_id, client_id, effective_at desc nulls last, id);
call isolate('observation');
grant select, insert, update on observation to mentalspace_app;
