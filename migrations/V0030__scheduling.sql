-- Appointments, working hours, and the claims that keep one hour from being given away twice.

create table appointment_type (
    practice_id          uuid not null,
    id                   uuid not null,
    name                 text not null,
    minutes              integer not null,
    buffer_after_minutes integer not null default 0,
    colour               smallint not null default 0,
    modalities           text[] not null,
    code                 text,
    position             integer not null default 0,
    active               boolean not null default true,
    version              bigint not null default 1,
    created_at           timestamptz not null,
    updated_at           timestamptz not null,
    primary key (practice_id, id),
    foreign key (practice_id) references practice,
    constraint appointment_type_name_unique unique (practice_id, name),
    constraint appointment_type_minutes_range check (minutes between 5 and 720),
    constraint appointment_type_buffer_range check (buffer_after_minutes between 0 and 240),
    constraint appointment_type_colour_range check (colour between 0 and 7),
    constraint appointment_type_modalities_known check (cardinality(modalities) > 0 and modalities <@ array['in_person', 'video', 'audio_only'])
);
comment on table appointment_type is 'A kind of appointment that the practice offers.';
comment on column appointment_type.buffer_after_minutes is 'Minutes wanted free behind it; a wish of the slot search, never a claim.';
comment on column appointment_type.colour is 'One of eight hues of the calendar.';
comment on column appointment_type.modalities is 'How people may meet for it; the first is proposed.';
comment on column appointment_type.code is 'Usual CPT or HCPCS code.';
comment on column appointment_type.position is 'Place in lists, smallest first.';
call isolate('appointment_type');
grant select, insert, update on appointment_type to mentalspace_app;

create table working_hours (
    practice_id  uuid not null,
    id           uuid not null,
    clinician_id uuid not null,
    weekday      smallint not null,
    opens        time not null,
    closes       time not null,
    location_id  uuid,
    primary key (practice_id, id),
    foreign key (practice_id, clinician_id) references app_user,
    foreign key (practice_id, location_id) references location,
    constraint working_hours_block_unique unique (practice_id, clinician_id, weekday, opens),
    constraint working_hours_weekday_known check (weekday between 1 and 7),
    constraint working_hours_order check (opens < closes or closes = '00:00')
);
comment on table working_hours is 'When a clinician works, on the wall clock. Whoever has no row works Monday to Friday, 9 to 17.';
comment on column working_hours.weekday is 'ISO: 1 is Monday.';
comment on column working_hours.closes is 'Until; 00:00 is the end of the day.';
call isolate('working_hours');
grant select, insert, update, delete on working_hours to mentalspace_app;

create table resource (
    practice_id uuid not null,
    id          uuid not null,
    kind        text not null,
    person_id   uuid not null,
    lanes       smallint not null default 1,
    primary key (practice_id, id),
    constraint resource_person_unique unique (practice_id, kind, person_id),
    constraint resource_kind_known check (kind in ('clinician', 'client')),
    constraint resource_lanes_range check (lanes between 1 and 20)
);
comment on table resource is 'Whoever or whatever can be booked, made by the first booking. A person''s resource has the person''s id.';
comment on column resource.lanes is 'How many bookings it takes at once.';
call isolate('resource');
grant select on resource to mentalspace_app;

create table appointment (
    practice_id         uuid not null,
    id                  uuid not null,
    type_id             uuid not null,
    client_id           uuid not null,
    clinician_id        uuid not null,
    location_id         uuid,
    starts_at           timestamptz not null,
    ends_at             timestamptz not null,
    time_zone           text not null,
    local_start         timestamp not null,
    local_fold          smallint not null default 0,
    modality            text not null,
    status              text not null default 'scheduled',
    reason              text,
    override_reason     text,
    source              text not null default 'staff',
    booked_by           uuid,
    checked_in_at       timestamptz,
    session_started_at  timestamptz,
    session_ended_at    timestamptz,
    reschedule_count    integer not null default 0,
    cancelled_at        timestamptz,
    cancelled_by        text,
    cancellation_reason text,
    cancellation_note   text,
    version             bigint not null default 1,
    created_at          timestamptz not null,
    updated_at          timestamptz not null,
    primary key (practice_id, id),
    foreign key (practice_id, type_id) references appointment_type,
    foreign key (practice_id, client_id) references client,
    foreign key (practice_id, clinician_id) references app_user,
    foreign key (practice_id, location_id) references location,
    constraint appointment_length_range check (ends_at >= starts_at + interval '5 minutes' and ends_at <= starts_at + interval '12 hours'),
    constraint appointment_fold_known check (local_fold in (0, 1)),
    constraint appointment_modality_known check (modality in ('in_person', 'video', 'audio_only')),
    constraint appointment_status_known check (status in ('requested', 'scheduled', 'confirmed', 'checked_in', 'in_session', 'completed',
        'declined', 'expired', 'cancelled', 'late_cancelled', 'no_show', 'entered_in_error')),
    constraint appointment_source_known check (source in ('staff', 'portal', 'public', 'waitlist', 'import', 'api')),
    constraint appointment_cancelled_by_known check (cancelled_by in ('client', 'clinician', 'practice')),
    constraint appointment_cancellation_whole check ((status in ('cancelled', 'late_cancelled')) = (cancelled_at is not null))
);
comment on table appointment is 'One visit on the calendar. Never deleted.';
comment on column appointment.time_zone is 'IANA zone of the wall time: the location''s, else the practice''s.';
comment on column appointment.local_start is 'The start as it was said, on the wall clock.';
comment on column appointment.local_fold is '1 for the second pass of a repeated hour.';
comment on column appointment.reason is 'Reason for the visit, for staff.';
comment on column appointment.override_reason is 'Why it may lie outside the working hours or in the past.';
create index appointment_clinician_starts_at on appointment (practice_id, clinician_id, starts_at);
create index appointment_starts_at on appointment (practice_id, starts_at);
create index appointment_client_starts_at on appointment (practice_id, client_id, starts_at);
call isolate('appointment');
-- No delete: a mistake becomes entered_in_error (SCH-24).
grant select, insert on appointment to mentalspace_app;
grant update (type_id, clinician_id, location_id, starts_at, ends_at, time_zone, local_start, local_fold, modality, status, reason,
    override_reason, checked_in_at, session_started_at, session_ended_at, reschedule_count, cancelled_at, cancelled_by,
    cancellation_reason, cancellation_note, version, updated_at) on appointment to mentalspace_app;

create table appointment_change (
    practice_id    uuid not null,
    appointment_id uuid not null,
    version        bigint not null,
    at             timestamptz not null,
    actor_id       uuid,
    actor_name     text not null,
    action         text not null,
    changes        jsonb not null,
    reason         text,
    primary key (practice_id, appointment_id, version),
    foreign key (practice_id, appointment_id) references appointment
);
comment on table appointment_change is 'What was changed of an appointment, by whom, when and why. Insert-only.';
comment on column appointment_change.version is 'The version that the change made: one line for each.';
comment on column appointment_change.changes is 'A list of {field, old, new}.';
call isolate('appointment_change');
grant select, insert on appointment_change to mentalspace_app;

-- The heart of it. Not deferrable: nothing here may wait for the end of the transaction, since `set constraints` does not reach
-- the shards of a distributed database; a swap releases all its claims in one statement and claims in the next.
create table resource_claim (
    practice_id uuid not null,
    resource_id uuid not null,
    lane        smallint not null default 1,
    span        tstzrange not null,
    source      text not null,
    source_id   uuid not null,
    primary key (practice_id, source_id, resource_id),
    foreign key (practice_id, resource_id) references resource,
    constraint resource_claim_free exclude using gist (practice_id with =, resource_id with =, lane with =, span with &&),
    constraint resource_claim_span_shape check (not isempty(span) and lower_inc(span) and not upper_inc(span) and not lower_inf(span) and not upper_inf(span)),
    constraint resource_claim_lane_range check (lane between 1 and 20),
    constraint resource_claim_source_known check (source in ('appointment'))
);
comment on table resource_claim is 'Who is taken, when, and by what. Written by the triggers of its sources only.';
call isolate('resource_claim');
grant select on resource_claim to mentalspace_app;

-- Claims in ascending resource id, so that two bookings never wait for each other in a circle.
create function appointment_claim_hour() returns trigger
    language plpgsql security definer set search_path = public as $$
declare
    -- The same six as `Status::is_active`.
    active constant text[] := array['requested', 'scheduled', 'confirmed', 'checked_in', 'in_session', 'completed'];
begin
    if tg_op = 'UPDATE' then
        if old.status = any (active) and new.status = any (active) and (old.starts_at, old.ends_at, old.clinician_id, old.client_id)
            = (new.starts_at, new.ends_at, new.clinician_id, new.client_id) then
            return null;
        end if;
        delete from resource_claim where practice_id = old.practice_id and source_id = old.id;
    end if;
    if new.status = any (active) then
        insert into resource (practice_id, id, kind, person_id)
        values (new.practice_id, new.clinician_id, 'clinician', new.clinician_id), (new.practice_id, new.client_id, 'client', new.client_id)
        on conflict do nothing;
        insert into resource_claim (practice_id, resource_id, span, source, source_id)
        values (new.practice_id, least(new.clinician_id, new.client_id), tstzrange(new.starts_at, new.ends_at, '[)'), 'appointment', new.id);
        insert into resource_claim (practice_id, resource_id, span, source, source_id)
        values (new.practice_id, greatest(new.clinician_id, new.client_id), tstzrange(new.starts_at, new.ends_at, '[)'), 'appointment', new.id);
    end if;
    return null;
end
$$;
comment on function appointment_claim_hour() is 'Keeps the claims of an appointment in step with it; a taken hour fails with resource_claim_free.';
create trigger appointment_claims after insert or update on appointment
    for each row execute function appointment_claim_hour();

-- Range operators are not leakproof, so under row-level security they reach no index; hence a function that names its practice itself.
create function busy_between(resources uuid[], from_at timestamptz, until_at timestamptz)
    returns table (resource_id uuid, starts_at timestamptz, ends_at timestamptz, buffer_after_minutes integer, source_id uuid)
    language sql stable security definer set search_path = public as $$
    select c.resource_id, lower(c.span), upper(c.span), coalesce(t.buffer_after_minutes, 0), c.source_id
      from unnest(resources) as wanted(id)
      join resource_claim c on c.practice_id = nullif(current_setting('app.practice_id', true), '')::uuid
                           and c.resource_id = wanted.id and c.span && tstzrange(from_at, until_at, '[)')
      left join appointment a on a.practice_id = c.practice_id and a.id = c.source_id
      left join appointment_type t on t.practice_id = a.practice_id and t.id = a.type_id
     order by 2, 1, 5 limit 20000
$$;
comment on function busy_between(uuid[], timestamptz, timestamptz) is 'What takes some resources of the current practice in a period, oldest first.';

-- What lists, pages and the rooms above read: an appointment with the names that belong to it. Runs with the reader's own rights.
create view appointment_card with (security_invoker = true) as
select a.practice_id, a.id, a.client_id, a.clinician_id,
       -- As the chart says it: a preferred name of several words is the whole name.
       trim(case when c.preferred_name like '% %' then c.preferred_name else coalesce(c.preferred_name, c.given) || ' ' || c.family end) as client_name,
       u.given_name || ' ' || u.family_name as clinician_name, a.type_id, t.name as type_name, t.colour, t.code,
       a.starts_at, a.ends_at, a.time_zone, a.local_start, a.local_fold, a.modality, a.status, a.location_id, l.name as location_name,
       a.reason, a.override_reason, a.checked_in_at, a.session_started_at, a.session_ended_at, a.reschedule_count,
       a.cancelled_at, a.cancelled_by, a.cancellation_reason, a.cancellation_note, a.version, a.updated_at
  from appointment a
  join appointment_type t on t.practice_id = a.practice_id and t.id = a.type_id
  join client c on c.practice_id = a.practice_id and c.id = a.client_id
  join app_user u on u.practice_id = a.practice_id and u.id = a.clinician_id
  left join location l on l.practice_id = a.practice_id and l.id = a.location_id;
comment on view appointment_card is 'Appointments with the names of client, clinician, type and location.';
grant select on appointment_card to mentalspace_app;
