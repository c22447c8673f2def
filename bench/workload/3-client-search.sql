-- name: client search
-- path: /api/v1/clients?q={name}
--
-- Clients by a family name, one letter of it wrong: identity's look-up of the key, clients::search::store::find, and the
-- audit event. The statements are the server's own; change them together.
begin;
set local app.practice_id = '{practice}';
select k.user_id, k.id as holder_id, 2::smallint as assurance, coalesce(k.used_at, k.created_at) as seen_at, u.given_name, u.family_name, u.credentials,
       coalesce((select array_agg(r.role order by r.role) from user_role r where r.practice_id = '{practice}' and r.user_id = k.user_id), '{}') as roles,
       k.scopes as limits, p.legal_name as practice_name, p.time_zone, p.is_demo
  from api_key k
  join app_user u on u.practice_id = k.practice_id and u.id = k.user_id
  join practice p on p.practice_id = k.practice_id
 where k.practice_id = '{practice}' and k.secret_hash = decode('{key_hash}', 'hex') and k.revoked_at is null and k.expires_at > now()
   and u.status = 'active' and p.status in ('active', 'set_up');
select c.id, c.given, c.family, c.preferred_name, c.mrn, c.birth_date, c.status,
       (select k.name from assignment a join colleague k on k.practice_id = '{practice}' and k.id = a.user_id
         where a.practice_id = '{practice}' and a.client_id = c.id and a.role = 'primary_clinician' and a.valid_to is null limit 1) as clinician
  from client_search('{name}', 50, '{owner}', true, '{day}') f
  join client c on c.practice_id = '{practice}' and c.id = f.client_id
 order by f.place, c.id limit 50;
insert into audit_event (practice_id, id, at, actor_id, actor_label, roles, session_id, address, request_id, action, resource_type, resource_id, client_id, purpose, outcome, detail)
values ('{practice}', (lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0') || substr(md5(random()::text), 1, 20))::uuid, now(), '{owner}', '', array['owner'], null, '127.0.0.1', 'bench', 'search', 'client', null, null, 'TREAT', 'success', '{}');
commit;
