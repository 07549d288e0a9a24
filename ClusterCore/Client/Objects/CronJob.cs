using Flotilla.ClusterCore.Client.Json;

namespace Flotilla.ClusterCore.Client.Objects;

public sealed record CronJob : KubernetesObject
{
    public CronJobSpec Spec { get; set; } = new();
    public CronJobStatus Status { get; set; } = new();
}

public sealed record CronJobSpec
{
    public string Schedule { get; set; } = "";
    public string? TimeZone { get; set; }
    public long? StartingDeadlineSeconds { get; set; }
    public string? ConcurrencyPolicy { get; set; }
    public bool? Suspend { get; set; }
    public RawJson? JobTemplate { get; set; }
    public int? SuccessfulJobsHistoryLimit { get; set; }
    public int? FailedJobsHistoryLimit { get; set; }
}

public sealed record CronJobStatus
{
    public ObjectReference[]? Active { get; set; }
    public DateTimeOffset? LastScheduleTime { get; set; }
    public DateTimeOffset? LastSuccessfulTime { get; set; }
}
