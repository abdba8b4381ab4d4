"""The journal's two guarantees, kept by the database itself.

`pos` is given at commit, under a lock that is held until the commit is visible: whoever has seen a position has seen
everything before it. And a fact is never changed or taken away.
"""

from django.db import migrations

FORWARD = """
create sequence journal_pos;

create function journal_give_pos() returns trigger language plpgsql as $$
begin
    -- One lock for the whole journal. NOTIFY takes such a lock at commit in any case; this one is taken a moment
    -- earlier, so that the order of positions is the order of commits.
    perform pg_advisory_xact_lock(7237014);
    update journal_fact set pos = nextval('journal_pos') where id = new.id;
    perform pg_notify('journal', '');
    return null;
end $$;

create constraint trigger journal_fact_pos
    after insert on journal_fact deferrable initially deferred
    for each row when (new.pos is null) execute function journal_give_pos();

create function journal_refuse_change() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.pos is null and new.pos is not null
        and to_jsonb(old) - 'pos' = to_jsonb(new) - 'pos' then
        return new;
    end if;
    raise exception 'The journal is append-only: % of a fact is refused.', tg_op using errcode = 'restrict_violation';
end $$;

create trigger journal_fact_append_only
    before update or delete on journal_fact
    for each row execute function journal_refuse_change();
"""

BACKWARD = """
drop trigger journal_fact_append_only on journal_fact;
drop function journal_refuse_change();
drop trigger journal_fact_pos on journal_fact;
drop function journal_give_pos();
drop sequence journal_pos;
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
