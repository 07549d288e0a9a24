using System.Net.Sockets;
using Flotilla.Provisioner.Fleet.Schema;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Flotilla.Provisioner.Fleet.Tests.Schema;

public sealed class DatabaseOutageTests
{
    [Fact]
    public async Task A_server_that_is_not_there_is_an_outage_however_deep_it_is_wrapped()
    {
        await using var nowhere = NpgsqlDataSource.Create("Host=/nonexistent;Username=x;Database=x");
        var refused = await Assert.ThrowsAsync<NpgsqlException>(async () => await nowhere.OpenConnectionAsync());

        Assert.StartsWith("PostgreSQL does not answer", DatabaseOutage.Explain(new InvalidOperationException("wrapped", refused)));
    }

    [Theory]
    [InlineData("53100", "PostgreSQL refuses: no room.")]
    [InlineData("57P03", "PostgreSQL refuses: no room.")]
    [InlineData("23505", null)]
    public void PostgreSQL_without_resources_is_an_outage_and_a_refused_statement_is_not(string state, string? explained) =>
        Assert.Equal(explained, DatabaseOutage.Explain(new DbUpdateException("saving", new PostgresException("no room", "ERROR", "ERROR", state))));

    [Fact]
    public void Other_exceptions_are_about_something_else() =>
        Assert.Null(DatabaseOutage.Explain(new SocketException((int)SocketError.ConnectionRefused)));
}
