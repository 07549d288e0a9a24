namespace Flotilla.Portal.Contracts;

/// <param name="Id">Unique on the platform; <paramref name="Name"/> is unique in its project.</param>
/// <param name="State">In lower camel case: <c>creating</c>, <c>ready</c>, <c>degraded</c>, <c>deleting</c>, <c>deleted</c>, <c>failed</c>, ….</param>
/// <param name="Workers">Worker nodes wanted.</param>
/// <param name="ReadyWorkers">Worker nodes that are ready.</param>
/// <param name="Endpoint">The API server as users reach it, through the gateway.</param>
/// <param name="ServerName">The name in the API server's certificate, and the gateway's route.</param>
/// <param name="DeletedUntil">Set while a deleted cluster can still be brought back: the moment its data goes for good.</param>
/// <param name="Operation">The newest operation, under way or over.</param>
public sealed record ClusterView(
    string Id,
    string Name,
    string Project,
    string Purpose,
    string State,
    string Version,
    int Masters,
    int Workers,
    int ReadyWorkers,
    string? Endpoint,
    string ServerName,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset? DeletedUntil = null,
    OperationSummary? Operation = null);

public sealed record NewCluster(string Name, string Project, string Purpose = "personal", int Workers = 1);

public sealed record ClusterScale(int Workers);

/// <param name="Role"><c>master</c> or <c>worker</c>.</param>
public sealed record NodeView(
    string Name, string Role, string State, string? Address, string? Machine, string? Message, DateTimeOffset CreatedAt);
