using Flotilla.Provisioner.Fleet.Schema;
using Flotilla.TestKit;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Flotilla.Provisioner.Fleet.Tests.Schema;

public sealed class MigrationTests
{
    private const string Shape = """
        SELECT table_name || '.' || column_name || ' ' || data_type || coalesce('(' || character_maximum_length || ')', '')
            || ' null=' || is_nullable || ' identity=' || is_identity || ' default=' || coalesce(column_default, '')
        FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        """;

    [Fact]
    public async Task The_migrated_schema_equals_the_model()
    {
        await using var migrated = await FleetFixture.CreateAsync();
        var server = await PostgresServer.SharedAsync();
        var fromModel = await server.CreateDatabaseAsync();
        await using (var context = migrated.Context())
        {
            context.Database.SetConnectionString(fromModel);
            await using var model = new NpgsqlConnection(fromModel);
            await model.OpenAsync();
            await using var create = new NpgsqlCommand(context.Database.GenerateCreateScript(), model);
            await create.ExecuteNonQueryAsync();
        }

        Assert.Equal(await ShapeOfAsync(fromModel), await ShapeOfAsync(migrated.Options.Database));
    }

    [Fact]
    public async Task Migrating_twice_and_at_once_is_one_migration()
    {
        await using var fleet = await FleetFixture.CreateAsync();
        var migrator = fleet.Get<FleetMigrator>();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => migrator.MigrateAsync(CancellationToken.None)));

        await using var context = fleet.Context();
        var applied = await context.Database.GetAppliedMigrationsAsync();
        Assert.Equal(context.Database.GetMigrations(), applied);
    }

    [Fact]
    public async Task A_missing_database_is_created()
    {
        var server = await PostgresServer.SharedAsync();
        await using var fleet = await FleetFixture.CreateAsync(database: server.ConnectionString($"made{Guid.NewGuid():N}"));

        await using var context = fleet.Context();
        Assert.Empty(await context.Projects.ToListAsync());
    }

    // Tables that are not the model's: EF's history and the job store, which Quartz reads by itself.
    private static async Task<List<string>> ShapeOfAsync(string database)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(Shape, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync()) { lines.Add(reader.GetString(0)); }
        return [.. lines.Where(line => !line.Contains("EFMigrations") && !line.Contains("qrtz_")).Order(StringComparer.Ordinal)];
    }
}
