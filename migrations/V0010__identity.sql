-- Practice, people, sign-in and the audit log.

create table practice (
    practice_id   uuid primary key,
    slug          text not null,
    legal_name    text not null,
    time_zone     text not null,
    phone         text,
    address_line  text,
    city          text,
    state         text,
    postal_code   text,
    npi           text,
    status        text not null default 'active',
    is_demo       boolean not null default false,
    version       bigint not null default 1,
    created_at    timestamptz not null,
    updated_at    timestamptz not null,
    constraint practice_slug_unique unique (slug),
    constraint practice_slug_shape check (slug ~ '^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$'),
    constraint practice_status_known check (status in ('pending_email', 'set_up', 'active', 'suspended', 'closing', 'closed'))
);
comment on table practice is 'The tenant. Its id leads every other key.';
comment on column practice.time_zone is 'IANA name; "today" of the practice is today there.';
call isolate('practice');
grant select on practice to mentalspace_app;
grant update (legal_name, time_zone, phone, address_line, city, state, postal_code, npi, status, version, updated_at) on practice to mentalspace_app;

create table location (
    practice_id      uuid not null references practice,
    id               uuid not null,
    name             text not null,
    time_zone        text not null,
    phone            text,
    address_line     text,
    city             text,
    state            text,
    postal_code      text,
    place_of_service text not null default '11',
    active           boolean not null default true,
    version          bigint not null default 1,
    created_at       timestamptz not null,
    updated_at       timestamptz not null,
    primary key (practice_id, id)
);
comment on table location is 'A place where the practice works.';
comment on column location.place_of_service is 'CMS place-of-service code, such as 11 office or 10 telehealth at home.';
create unique index location_name_unique on location (practice_id, lower(name)) where active;
call isolate('location');
grant select, insert, update on location to mentalspace_app;

create table app_user (
    practice_id    uuid not null references practice,
    id             uuid not null,
    email          text not null,
    given_name     text not null,
    family_name    text not null,
    credentials    text,
    npi            text,
    phone          text,
    status         text not null,
    status_reason  text,
    bookable       boolean not null default false,
    last_sign_in   timestamptz,
    version        bigint not null default 1,
    created_at     timestamptz not null,
    updated_at     timestamptz not null,
    primary key (practice_id, id),
    constraint app_user_email_unique unique (practice_id, email),
    constraint app_user_email_folded check (email = lower(email)),
    constraint app_user_status_known check (status in ('invited', 'onboarding', 'active', 'suspended', 'deactivated'))
);
comment on table app_user is 'A person who signs in. One who works at two practices is two users.';
comment on column app_user.credentials is 'Letters behind the name on notes, such as LCSW.';
comment on column app_user.bookable is 'Whether appointments can be made with this person.';
create index app_user_email on app_user (email);
create index app_user_bookable on app_user (practice_id, family_name, given_name) where bookable;
call isolate('app_user');
grant select, insert, update on app_user to mentalspace_app;

create table user_role (
    practice_id uuid not null,
    user_id     uuid not null,
    role        text not null,
    granted_at  timestamptz not null,
    granted_by  uuid,
    primary key (practice_id, user_id, role),
    foreign key (practice_id, user_id) references app_user,
    constraint user_role_known check (role in ('owner', 'administrator', 'clinician', 'supervisor', 'supervisee', 'intern', 'biller', 'front_desk', 'compliance', 'it_admin', 'auditor'))
);
comment on table user_role is 'Which built-in roles a user holds; roles combine by union.';
call isolate('user_role');
grant select, insert, delete on user_role to mentalspace_app;

create table password_credential (
    practice_id uuid not null,
    user_id     uuid not null,
    hash        text not null,
    set_at      timestamptz not null,
    primary key (practice_id, user_id),
    foreign key (practice_id, user_id) references app_user
);
comment on table password_credential is 'Argon2id PHC string of a peppered password.';
call isolate('password_credential');
grant select, insert, update on password_credential to mentalspace_app;

create table authenticator (
    practice_id   uuid not null,
    id            uuid not null,
    user_id       uuid not null,
    kind          text not null,
    label         text not null,
    seed          bytea,
    last_step     bigint,
    code_hash     bytea,
    confirmed_at  timestamptz,
    used_at       timestamptz,
    created_at    timestamptz not null,
    primary key (practice_id, id),
    foreign key (practice_id, user_id) references app_user,
    constraint authenticator_kind_known check (kind in ('totp', 'recovery_code')),
    constraint authenticator_shape check ((kind = 'totp') = (seed is not null) and (kind = 'recovery_code') = (code_hash is not null))
);
comment on table authenticator is 'Second factors: a TOTP seed each, or one recovery code each.';
comment on column authenticator.seed is 'RFC 6238 seed, sealed under the practice''s data key.';
comment on column authenticator.last_step is 'Newest accepted 30 s step; that one and older ones are refused as replays.';
comment on column authenticator.used_at is 'A recovery code is spent once; a TOTP keeps its latest use.';
create index authenticator_user on authenticator (practice_id, user_id);
call isolate('authenticator');
grant select, insert, update, delete on authenticator to mentalspace_app;

create table session (
    practice_id  uuid not null,
    id           uuid not null,
    token_hash   bytea not null,
    user_id      uuid not null,
    assurance    smallint not null,
    started_at   timestamptz not null,
    seen_at      timestamptz not null,
    proven_at    timestamptz,
    ends_at      timestamptz not null,
    ended_at     timestamptz,
    end_reason   text,
    address      text,
    agent        text,
    primary key (practice_id, id),
    foreign key (practice_id, user_id) references app_user,
    constraint session_token_unique unique (practice_id, token_hash),
    constraint session_assurance_known check (assurance in (1, 2))
);
comment on table session is 'A signed-in browser. Assurance 1 has shown a password only and reaches nothing but the second step.';
comment on column session.token_hash is 'SHA-256 of the 256-bit random token in the cookie.';
comment on column session.proven_at is 'When a factor was last proven, for steps that ask for a fresh one.';
create index session_of_user on session (practice_id, user_id) where ended_at is null;
call isolate('session');
grant select, insert, update on session to mentalspace_app;

create table sign_in_attempt (
    practice_id  uuid not null,
    id           uuid not null,
    account_hash bytea not null,
    address      text not null,
    succeeded    boolean not null,
    at           timestamptz not null,
    primary key (practice_id, id)
);
comment on table sign_in_attempt is 'For throttling. The account is a keyed hash of the e-mail, so that unknown ones behave the same.';
create index sign_in_attempt_account on sign_in_attempt (practice_id, account_hash, at desc);
call isolate('sign_in_attempt');
grant select, insert on sign_in_attempt to mentalspace_app;

create table api_key (
    practice_id  uuid not null,
    id           uuid not null,
    user_id      uuid not null,
    label        text not null,
    secret_hash  bytea not null,
    scopes       text[] not null,
    created_at   timestamptz not null,
    expires_at   timestamptz not null,
    used_at      timestamptz,
    revoked_at   timestamptz,
    primary key (practice_id, id),
    foreign key (practice_id, user_id) references app_user,
    constraint api_key_secret_unique unique (practice_id, secret_hash)
);
comment on table api_key is 'A key for programs; never reaches further than its user.';
comment on column api_key.scopes is 'Permission words, or * for all that the user has.';
create index api_key_user on api_key (practice_id, user_id);
call isolate('api_key');
grant select, insert, update on api_key to mentalspace_app;

-- Rows of requests that were answered, so that a repeated POST gets the first answer again (INT, REST conventions).
create table idempotency_key (
    practice_id uuid not null,
    caller_id   uuid not null,
    key         text not null,
    fingerprint bytea not null,
    status      integer,
    location    text,
    etag        text,
    response    jsonb,
    created_at  timestamptz not null,
    primary key (practice_id, caller_id, key)
);
comment on table idempotency_key is 'Answers to POSTs by their Idempotency-Key, kept 24 hours.';
create index idempotency_key_age on idempotency_key (created_at);
call isolate('idempotency_key');
grant select, insert, update, delete on idempotency_key to mentalspace_app;

-- The audit log. The application's role may add and read, nothing else.
create table audit_event (
    practice_id   uuid not null,
    id            uuid not null,
    at            timestamptz not null,
    actor_id      uuid,
    actor_label   text not null,
    roles         text[] not null,
    session_id    uuid,
    address       text,
    request_id    text,
    action        text not null,
    resource_type text not null,
    resource_id   uuid,
    client_id     uuid,
    purpose       text not null,
    outcome       text not null,
    detail        jsonb not null,
    primary key (practice_id, id),
    constraint audit_event_action_known check (action in ('create', 'read', 'update', 'delete', 'execute', 'sign_in', 'sign_out', 'search', 'print', 'export', 'sign', 'permission')),
    constraint audit_event_outcome_known check (outcome in ('success', 'refused', 'failure')),
    constraint audit_event_purpose_known check (purpose in ('TREAT', 'HPAYMT', 'HOPERAT', 'ETREAT', 'PATRQT', 'SYSADMIN'))
);
comment on table audit_event is 'Who did or saw what, when and why. Insert-only.';
comment on column audit_event.actor_label is 'Who it was when there is no user: an address that failed to sign in (keyed hash), the command line, the system.';
comment on column audit_event.detail is 'Changed field names, counts, codes; never values of PHI.';
create index audit_event_newest on audit_event (practice_id, at desc, id desc);
create index audit_event_client on audit_event (practice_id, client_id, at desc) where client_id is not null;
create index audit_event_actor on audit_event (practice_id, actor_id, at desc);
call isolate('audit_event');
grant select, insert on audit_event to mentalspace_app;

create table audit_link (
    practice_id uuid not null,
    sequence    bigint not null,
    event_id    uuid not null,
    previous    bytea not null,
    hash        bytea not null,
    primary key (practice_id, sequence),
    constraint audit_link_event_unique unique (practice_id, event_id)
);
comment on table audit_link is 'The chain: hash = SHA-256(previous hash, RFC 8785 JSON of the event). Gapless per practice.';
call isolate('audit_link');
grant select, insert on audit_link to mentalspace_app;

create table audit_pending (
    practice_id uuid not null,
    event_id    uuid not null,
    primary key (practice_id, event_id)
);
comment on table audit_pending is 'Events not yet in the chain. Verification counts events itself and does not trust this list.';
call isolate('audit_pending');
grant select, delete on audit_pending to mentalspace_app;

create function audit_event_await_chaining() returns trigger
    language plpgsql security definer set search_path = public as $$
begin
    insert into audit_pending (practice_id, event_id) values (new.practice_id, new.id);
    return null;
end
$$;
create trigger audit_event_chaining after insert on audit_event
    for each row execute function audit_event_await_chaining();

create function audit_practices_pending() returns table (practice_id uuid)
    language sql security definer set search_path = public as $$
    select distinct p.practice_id from audit_pending p
$$;
comment on function audit_practices_pending() is 'Practices with events to chain; for the job that chains them.';

-- Sign-in starts before the practice is known. These look-ups give ids only.
create function sign_in_practices(address text) returns table (practice_id uuid)
    language sql stable security definer set search_path = public as $$
    select u.practice_id from app_user u join practice p on p.practice_id = u.practice_id
     where u.email = address and u.status in ('active', 'onboarding', 'suspended') order by u.practice_id limit 20
$$;
create function practice_by_slug(wanted text) returns table (practice_id uuid, legal_name text)
    language sql stable security definer set search_path = public as $$
    select p.practice_id, p.legal_name from practice p where p.slug = wanted
$$;
-- Practices are opened by the command line or the public page, before there is anybody to belong to one.
create function practice_open(new_id uuid, new_slug text, new_name text, zone text, demo boolean, now_at timestamptz) returns void
    language sql security definer set search_path = public as $$
    insert into practice (practice_id, slug, legal_name, time_zone, is_demo, created_at, updated_at)
    values (new_id, new_slug, new_name, zone, demo, now_at, now_at)
$$;
