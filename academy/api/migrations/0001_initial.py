"""The API's two tables. Counts of requests need not survive a crash, so theirs is written without the log."""

from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('caller', models.CharField(help_text='as in callers.Caller.key', max_length=80)),
                ('path', models.CharField(max_length=500)),
                ('key', models.CharField(max_length=200)),
                ('body_hash', models.BinaryField(help_text='SHA-256 of the body', max_length=32)),
                ('status', models.PositiveSmallIntegerField()),
                ('answer', models.JSONField()),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['created_at'], name='answers_by_age')],
                'constraints': [models.UniqueConstraint(fields=('caller', 'path', 'key'), name='one_answer_a_key')],
            },
        ),
        migrations.CreateModel(
            name='Minute',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('caller', models.CharField(max_length=90)),
                ('began_at', models.DateTimeField()),
                ('spent', models.PositiveIntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['began_at'], name='minutes_by_age')],
                'constraints': [models.UniqueConstraint(fields=('caller', 'began_at'), name='one_count_a_minute')],
            },
        ),
        migrations.RunSQL("alter table api_minute set unlogged", "alter table api_minute set logged"),
    ]
