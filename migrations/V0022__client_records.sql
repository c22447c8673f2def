-- What is known of a client from elsewhere: allergies, insurance, outside professionals, and records kept as they came.

create table allergy_intolerance (
    practice_id         uuid not null,
    id                  uuid not null,
    client_id           uuid not null,
    title               text not null,
    code_system         text,
    code                text,
    kind                text,
    categories          text[] not null default '{}',
    criticality         text,
    clinical_status     text not null,
    verification_status text,
    reactions           text,
    onset_on            date,
    recorded_on         date,
    remarks             text,
    version             bigint not null default 1,
    created_at          timestamptz not null,
    created_by          uuid,
    primary key (practice_id, id),
    constraint allergy_intolerance_client foreign key (practice_id, client_id) references client,
    constraint allergy_intolerance_status_known check (clinical_status in ('active', 'inactive', 'resolved'))
);
comment on table allergy_intolerance is 'What a client must not be given, or doesn''t bear.';
create index allergy_intolerance_client on allergy_intolerance (practice_id, client_id, id);
call isolate('allergy_intolerance');
grant select, insert, update on allergy_intolerance to mentalspace_app;

create table coverage (
    practice_id  uuid not null,
    id           uuid not null,
    client_id    uuid not null,
    payer        text not null,
    plan_name    text,
    member_id    text,
    group_number text,
    relationship text,
    status       text not null,
    place        integer,
    valid_from   date,
    valid_to     date,
    version      bigint not null default 1,
    created_at   timestamptz not null,
    created_by   uuid,
    primary key (practice_id, id),
    constraint coverage_client foreign key (practice_id, client_id) references client,
    constraint coverage_status_known check (status in ('active', 'cancelled', 'draft', 'entered_in_error')),
    constraint coverage_place_known check (place between 1 and 9)
);
comment on table coverage is 'An insurance of a client.';
comment on column coverage.place is 'Order of payment: 1 pays first; null where it is not known.';
comment on column coverage.valid_to is 'Last day covered; null while open.';
create index coverage_client on coverage (practice_id, client_id, place, id);
call isolate('coverage');
grant select, insert, update on coverage to mentalspace_app;

create table external_provider (
    practice_id uuid not null references practice,
    id          uuid not null,
    family      text not null,
    given       text not null,
    prefix      text,
    suffix      text,
    npi         text,
    phone       text,
    email       text,
    address     text,
    active      boolean not null default true,
    version     bigint not null default 1,
    created_at  timestamptz not null,
    created_by  uuid,
    primary key (practice_id, id)
);
comment on table external_provider is 'A professional outside the practice.';
create index external_provider_name on external_provider (practice_id, family, given, id);
call isolate('external_provider');
grant select, insert, update on external_provider to mentalspace_app;

create table external_resource (
    practice_id   uuid not null references practice,
    id            uuid not null,
    client_id     uuid,
    resource_type text not null,
    source_system text not null,
    source_id     text not null,
    category      text not null,
    title         text not null,
    detail        text,
    status        text,
    happened_at   timestamptz,
    content       text not null,
    sha256        bytea not null,
    import_id     uuid,
    created_at    timestamptz not null,
    created_by    uuid,
    primary key (practice_id, id),
    constraint external_resource_client foreign key (practice_id, client_id) references client,
    constraint external_resource_source_unique unique (practice_id, resource_type, source_system, source_id),
    constraint external_resource_category_known check (category in ('history', 'medication', 'result', 'report', 'imaging', 'immunization', 'procedure',
        'plan', 'care_team', 'document', 'billing', 'directory', 'device', 'other', 'source'))
);
comment on table external_resource is 'A foreign FHIR resource exactly as it came, so that nothing of an import is lost.';
comment on column external_resource.category is 'Heading in the chart; source marks the original of a record that became native.';
comment on column external_resource.content is 'The JSON text as received.';
create index external_resource_client on external_resource (practice_id, client_id, category, happened_at desc, id);
call isolate('external_resource');
grant select, insert on external_resource to mentalspace_app;
