namespace Flotilla.Portal.Contracts;

/// <param name="Role">The caller's: <c>viewer</c>, <c>developer</c> or <c>admin</c>.</param>
public sealed record ProjectView(Guid Id, string Name, string? Description, DateTimeOffset CreatedAt, string Role, QuotaView Quota);

/// <summary>What a project may use and what it uses now, in clusters and worker nodes.</summary>
public sealed record QuotaView(int Clusters, int ClustersUsed, int Workers, int WorkersUsed);

public sealed record NewProject(string Name, string? Description = null);
