namespace Flotilla.Portal.Contracts;

/// <param name="Kind"><c>createCluster</c>, <c>deleteCluster</c>, <c>scaleCluster</c>, ….</param>
/// <param name="State"><c>pending</c>, <c>running</c>, <c>succeeded</c> or <c>failed</c>.</param>
/// <param name="Progress">Steps done of all steps, in percent.</param>
public sealed record OperationView(
    Guid Id,
    string Kind,
    string ClusterId,
    string Cluster,
    string Project,
    string State,
    int Progress,
    string RequestedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt,
    DateTimeOffset? EstimatedFinish,
    ErrorView? Error,
    IReadOnlyList<StepView> Steps);

/// <param name="State">As in <see cref="OperationView"/>.</param>
public sealed record OperationSummary(Guid Id, string Kind, string State, int Progress, ErrorView? Error);

/// <param name="Name">Unique in the operation.</param>
/// <param name="Title">What a person reads.</param>
/// <param name="State"><c>pending</c>, <c>running</c>, <c>succeeded</c>, <c>failed</c> or <c>undone</c>.</param>
public sealed record StepView(
    string Name, string Title, string State, int Attempts, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, ErrorView? Error);

/// <param name="FixedBy">Who can do something about it: <c>user</c>, <c>operator</c>, or <c>retrying</c> when nobody needs to.</param>
public sealed record ErrorView(string Code, string Message, string FixedBy);
