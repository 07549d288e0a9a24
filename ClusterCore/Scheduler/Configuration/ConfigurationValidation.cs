using Flotilla.ClusterCore.Scheduler.Plugins;

namespace Flotilla.ClusterCore.Scheduler.Configuration;

/// <summary>The rules of kube-scheduler's configuration, with its messages.</summary>
internal static class ConfigurationValidation
{
    public static IReadOnlyList<string> Validate(KubeSchedulerConfiguration configuration)
    {
        var problems = new Problems();
        ValidateLeaderElection(configuration.LeaderElection, problems);
        problems.Check(configuration.Parallelism > 0, "parallelism", configuration.Parallelism, "should be an integer value greater than zero");
        problems.CheckRange("percentageOfNodesToScore", configuration.PercentageOfNodesToScore ?? 0, 0, 100);
        problems.Check(configuration.PodInitialBackoffSeconds > 0, "podInitialBackoffSeconds", configuration.PodInitialBackoffSeconds, "must be greater than 0");
        problems.Check(configuration.PodMaxBackoffSeconds >= configuration.PodInitialBackoffSeconds, "podMaxBackoffSeconds",
            configuration.PodMaxBackoffSeconds, "must be greater than or equal to PodInitialBackoffSeconds");
        problems.Check(configuration.ClientConnection.Kubeconfig.Length == 0, "clientConnection.kubeconfig",
            configuration.ClientConnection.Kubeconfig, "not supported: the scheduler is connected by whoever starts it");
        problems.Check(configuration.Extenders is not { Length: > 0 }, "extenders", configuration.Extenders?.Length ?? 0, "not supported: use a scheduler of your own");
        if (configuration.Profiles.Length == 0) { problems.Add("profiles: Required value"); }
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < configuration.Profiles.Length; index++)
        {
            var (profile, path) = (configuration.Profiles[index], $"profiles[{index}]");
            if (profile.SchedulerName.Length == 0) { problems.Add($"{path}.schedulerName: Required value"); }
            else if (!names.Add(profile.SchedulerName)) { problems.Add($"{path}.schedulerName: Duplicate value: \"{profile.SchedulerName}\""); }
            problems.CheckRange($"{path}.percentageOfNodesToScore", profile.PercentageOfNodesToScore ?? 0, 0, 100);
            ArgumentsValidation.Validate(profile, $"{path}.pluginConfig", problems);
            if (DefaultPlugins.FindProblem(profile) is { } problem) { problems.Add($"{path}.plugins: {problem}"); }
        }
        return problems.All;
    }

    private static void ValidateLeaderElection(LeaderElectionConfiguration election, Problems problems)
    {
        const string path = "leaderElection";
        if (!election.LeaderElect) { return; }
        problems.Check(election.LeaseDuration > election.RenewDeadline, $"{path}.leaseDuration", election.RenewDeadline, "LeaseDuration must be greater than RenewDeadline");
        problems.Check(election.RetryPeriod > TimeSpan.Zero, $"{path}.retryPeriod", election.RetryPeriod, "must be greater than zero");
        problems.Check(election.ResourceLock == "leases", $"{path}.resourceLock", election.ResourceLock, "resourceLock value must be \"leases\"");
        if (election.ResourceName.Length == 0) { problems.Add($"{path}.resourceName: Required value: resourceName is required"); }
        if (election.ResourceNamespace.Length == 0) { problems.Add($"{path}.resourceNamespace: Required value: resourceNamespace is required"); }
    }
}

/// <summary>Problems as the API words them: <c>field: Invalid value: x: why</c>.</summary>
internal sealed class Problems
{
    private readonly List<string> all = [];

    public IReadOnlyList<string> All => all;

    public void Add(string problem) => all.Add(problem);

    public void Check<T>(bool holds, string field, T value, string why)
    {
        if (!holds) { all.Add(value is string text ? $"{field}: Invalid value: \"{text}\": {why}" : $"{field}: Invalid value: {value}: {why}"); }
    }

    public void CheckRange(string field, long value, long min, long max) =>
        Check(value >= min && value <= max, field, value, $"not in valid range [{min}, {max}]");

    public void CheckSupported(string field, string value, params string[] supported)
    {
        if (!supported.Contains(value)) { all.Add($"{field}: Unsupported value: \"{value}\": supported values: {string.Join(", ", supported.Select(one => $"\"{one}\""))}"); }
    }
}
