"""What the chapter needs from the database beyond its tables.

`people_lock_partner` takes a partner's lock and reads its latest effective time in one round trip. It is a volatile
function and no single statement, because each statement inside it takes its own snapshot: a statement that waits for
the lock and reads the journal in one breath would read the journal as it was before it waited.

`people_lock_learner` does the same for somebody who learns, and says whether it is still a member of the partner that
it was a moment ago. Without a partner the person's own row is locked.

`people_cache` is the table of Django's cache, which counts attempts to sign in across all processes. It is unlogged:
cheap to write, and empty after a crash, which forgets no more than those counts.
"""

from django.db import migrations, models

FORWARD = """
create function people_lock_partner(wanted uuid) returns table (effective_at timestamptz)
language plpgsql volatile as $$
begin
    perform 1 from people_partner where id = wanted for no key update;
    if found then
        return query select max(fact.effective_at) from journal_fact fact where fact.partner = wanted;
    end if;
end $$;

create function people_lock_learner(who uuid, wanted uuid)
returns table (is_still_there boolean, effective_at timestamptz) language plpgsql volatile as $$
begin
    if wanted is null then
        perform 1 from people_person where id = who for no key update;
    else
        perform 1 from people_partner where id = wanted for no key update;
    end if;
    return query select
        (select membership.partner_id from people_membership membership
            where membership.person_id = who and membership.left_at is null) is not distinct from wanted,
        (select max(fact.effective_at) from journal_fact fact where fact.partner = wanted);
end $$;

create unlogged table people_cache (
    cache_key varchar(255) primary key,
    value text not null,
    expires timestamptz not null
);
create index people_cache_by_age on people_cache (expires);
"""

BACKWARD = """
drop table people_cache;
drop function people_lock_learner(uuid, uuid);
drop function people_lock_partner(uuid);
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial"), ("journal", "0002_pos_and_append_only")]

    operations = [
        migrations.AlterField("person", "joined_at", models.DateTimeField()),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
