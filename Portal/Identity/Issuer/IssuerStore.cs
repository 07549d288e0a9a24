using Npgsql;

namespace Flotilla.Portal.Identity.Issuer;

/// <summary>
/// What the issuer keeps: signing keys (sealed) and grants (codes, by hash). Tables of its own, outside the fleet's model, so
/// that another issuer can take its place and leave nothing behind.
/// </summary>
internal sealed class IssuerStore(NpgsqlDataSource database, TimeProvider clock)
{
    private const string Schema = """
        CREATE TABLE IF NOT EXISTS issuer_keys (id text PRIMARY KEY, sealed bytea NOT NULL, created_at timestamptz NOT NULL);
        CREATE TABLE IF NOT EXISTS issuer_grants (
          hash bytea PRIMARY KEY, client_id text NOT NULL, scope text NOT NULL, redirect_uri text, challenge text, nonce text,
          user_code text UNIQUE, user_id uuid, refused boolean NOT NULL DEFAULT false, expires_at timestamptz NOT NULL);
        """;

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        // Two portals may start at the same moment; IF NOT EXISTS alone does not order them.
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand("SELECT pg_advisory_xact_lock(7021700433);" + Schema, connection, transaction);
        await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<(string Id, byte[] Sealed)>> KeysAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT id, sealed FROM issuer_keys ORDER BY created_at DESC, id");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var keys = new List<(string, byte[])>();
        while (await reader.ReadAsync(cancellationToken)) { keys.Add((reader.GetString(0), reader.GetFieldValue<byte[]>(1))); }
        return keys;
    }

    public async Task AddKeyAsync(string id, byte[] sealedKey, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("INSERT INTO issuer_keys VALUES ($1, $2, $3)");
        command.Parameters.AddWithValue(id);
        command.Parameters.AddWithValue(sealedKey);
        command.Parameters.AddWithValue(clock.GetUtcNow());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Adds a grant, and removes those that are over.</summary>
    public async Task AddAsync(byte[] hash, Grant grant, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            WITH expired AS (DELETE FROM issuer_grants WHERE expires_at < $9)
            INSERT INTO issuer_grants (hash, client_id, scope, redirect_uri, challenge, nonce, user_code, user_id, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $10)
            """);
        command.Parameters.AddWithValue(hash);
        command.Parameters.AddWithValue(grant.ClientId);
        command.Parameters.AddWithValue(grant.Scope);
        command.Parameters.AddWithValue((object?)grant.RedirectUri ?? DBNull.Value);
        command.Parameters.AddWithValue((object?)grant.Challenge ?? DBNull.Value);
        command.Parameters.AddWithValue((object?)grant.Nonce ?? DBNull.Value);
        command.Parameters.AddWithValue((object?)grant.UserCode ?? DBNull.Value);
        command.Parameters.AddWithValue((object?)grant.UserId ?? DBNull.Value);
        command.Parameters.AddWithValue(clock.GetUtcNow());
        command.Parameters.AddWithValue(grant.ExpiresAt);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public Task<Grant?> FindAsync(byte[] hash, CancellationToken cancellationToken) =>
        ReadAsync($"SELECT {Columns} FROM issuer_grants WHERE hash = $1", hash, cancellationToken);

    public Task<Grant?> FindAsync(string userCode, CancellationToken cancellationToken) =>
        ReadAsync($"SELECT {Columns} FROM issuer_grants WHERE user_code = $1", userCode, cancellationToken);

    /// <summary>Uses a grant up: it is given to one caller, once.</summary>
    public Task<Grant?> TakeAsync(byte[] hash, CancellationToken cancellationToken) =>
        ReadAsync($"DELETE FROM issuer_grants WHERE hash = $1 RETURNING {Columns}", hash, cancellationToken);

    /// <returns>Whether a device waited for the answer.</returns>
    public async Task<bool> AnswerAsync(string userCode, Guid userId, bool approved, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            UPDATE issuer_grants SET user_id = $2, refused = $3 WHERE user_code = $1 AND user_id IS NULL AND expires_at > $4
            """);
        command.Parameters.AddWithValue(userCode);
        command.Parameters.AddWithValue(userId);
        command.Parameters.AddWithValue(!approved);
        command.Parameters.AddWithValue(clock.GetUtcNow());
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private const string Columns = "client_id, scope, redirect_uri, challenge, nonce, user_code, user_id, refused, expires_at";

    private async Task<Grant?> ReadAsync(string sql, object key, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.AddWithValue(key);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken)) { return null; }
        var grant = new Grant(
            reader.GetString(0),
            reader.GetString(1),
            Text(reader, 2),
            Text(reader, 3),
            Text(reader, 4),
            Text(reader, 5),
            reader.IsDBNull(6) ? null : reader.GetGuid(6),
            reader.GetFieldValue<DateTimeOffset>(8))
        { Refused = reader.GetBoolean(7) };
        return grant.ExpiresAt > clock.GetUtcNow() ? grant : null;
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
