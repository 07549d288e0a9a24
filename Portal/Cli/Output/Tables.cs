using Flotilla.Portal.Contracts;

namespace Flotilla.Portal.Cli.Output;

/// <summary>What a table shows of each kind.</summary>
internal sealed class Tables(TimeProvider clock)
{
    public TableRows Projects(IReadOnlyList<ProjectView> projects) => new(
        ["NAME", "ROLE", "CLUSTERS", "WORKERS", "AGE"],
        [.. projects.Select(project => new[]
        {
            project.Name,
            project.Role,
            $"{project.Quota.ClustersUsed}/{project.Quota.Clusters}",
            $"{project.Quota.WorkersUsed}/{project.Quota.Workers}",
            Age(project.CreatedAt),
        })],
        "no projects: create one with 'flotilla project create NAME'");

    public TableRows Clusters(IReadOnlyList<ClusterView> clusters) => new(
        ["NAME", "PROJECT", "PURPOSE", "STATE", "VERSION", "WORKERS", "AGE"],
        [.. clusters.Select(cluster => new[]
        {
            cluster.Name,
            cluster.Project,
            cluster.Purpose,
            State(cluster),
            cluster.Version,
            $"{cluster.ReadyWorkers}/{cluster.Workers}",
            Age(cluster.CreatedAt),
        })],
        "no clusters: create one with 'flotilla cluster create NAME --project PROJECT'");

    public TableRows Nodes(IReadOnlyList<NodeView> nodes) => new(
        ["NAME", "ROLE", "STATE", "ADDRESS", "MACHINE", "AGE"],
        [.. nodes.Select(node => new[] { node.Name, node.Role, node.State, node.Address ?? "", node.Machine ?? "", Age(node.CreatedAt) })]);

    public TableRows Operation(OperationView operation) => new(
        ["STEP", "STATE", "ATTEMPTS", "TOOK", "ERROR"],
        [.. operation.Steps.Select(step => new[] { step.Title, step.State, $"{step.Attempts}", Took(step), step.Error?.Message ?? "" })],
        $"operation {operation.Id} ({operation.Kind}) is {operation.State} and has no steps yet");

    public TableRows Operations(IReadOnlyList<OperationView> operations) => new(
        ["ID", "KIND", "CLUSTER", "STATE", "PROGRESS", "AGE"],
        [.. operations.Select(operation => new[]
        {
            $"{operation.Id}", operation.Kind, operation.Cluster, operation.State, $"{operation.Progress}%", Age(operation.CreatedAt),
        })]);

    public TableRows AlertChannels(IReadOnlyList<AlertChannelView> channels) => new(
        ["ID", "NAME", "PROJECT", "KIND", "URL", "AGE"],
        [.. channels.Select(channel => new[]
        {
            $"{channel.Id}", channel.Name, channel.Project, channel.Kind, channel.Url, Age(channel.CreatedAt),
        })],
        "no alert channels: create one with 'flotilla alert create NAME --project PROJECT --url URL'");

    public TableRows Deliveries(IReadOnlyList<DeliveryView> deliveries) => new(
        ["EVENT", "TITLE", "STATE", "ATTEMPTS", "STATUS", "AGE", "ERROR"],
        [.. deliveries.Select(delivery => new[]
        {
            delivery.Rule,
            delivery.Title,
            delivery.State,
            $"{delivery.Attempts}",
            $"{delivery.ResponseStatus}",
            Age(delivery.CreatedAt),
            delivery.Error ?? "",
        })]);

    public TableRows Tokens(IReadOnlyList<TokenView> tokens) => new(
        ["ID", "NAME", "PREFIX", "EXPIRES", "AGE"],
        [.. tokens.Select(token => new[]
        {
            $"{token.Id}", token.Name, token.Prefix, token.ExpiresAt?.ToString("yyyy-MM-dd") ?? "never", Age(token.CreatedAt),
        })]);

    private static string State(ClusterView cluster) =>
        cluster.Operation is { } operation && !operation.IsOver() ? $"{cluster.State} ({operation.Progress}%)" : cluster.State;

    private static string Took(StepView step) =>
        step is { StartedAt: { } start, FinishedAt: { } end } ? $"{(end - start).TotalSeconds:0.0}s" : "";

    private string Age(DateTimeOffset since) => AgeText.Of(clock.GetUtcNow() - since);
}
