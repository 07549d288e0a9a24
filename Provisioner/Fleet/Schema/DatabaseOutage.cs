using System.Net.Sockets;
using Npgsql;

namespace Flotilla.Provisioner.Fleet.Schema;

/// <summary>Tells PostgreSQL being away, starting or out of room from a mistake in a statement.</summary>
public static class DatabaseOutage
{
    /// <returns>What is the matter, for whoever can put it right; null when the exception is about something else.</returns>
    public static string? Explain(Exception? exception) => exception switch
    {
        null => null,
        // 53: insufficient resources (disk full, too many connections); 57: operator intervention (starting, shutting down).
        PostgresException { SqlState: ['5', '3' or '7', ..] } refusal => $"PostgreSQL refuses: {refusal.MessageText}.",
        PostgresException => null,
        NpgsqlException { InnerException: SocketException or IOException or TimeoutException } outage => $"PostgreSQL does not answer: {outage.Message}.",
        _ => Explain(exception.InnerException),
    };
}
