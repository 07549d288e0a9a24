namespace Flotilla.Portal.Contracts;

public sealed record Me(string Email, string Name, bool Admin);

public sealed record TokenView(Guid Id, string Name, string Prefix, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt);

public sealed record NewToken(string Name, int? ExpiresInDays = null);

/// <param name="Token">The secret itself; shown this once.</param>
public sealed record CreatedToken(TokenView View, string Token);
