using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Events;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.ClusterCore.Controllers.Jobs;
using Flotilla.ClusterCore.Controllers.Pods;
using Flotilla.ClusterCore.Controllers.Status;

namespace Flotilla.ClusterCore.Controllers.CronJobs;

/// <summary>Jobs made by the clock.</summary>
internal sealed class CronJobController : ReconcilingController
{
    private readonly Informer<CronJob> crons;
    private readonly Informer<Job> jobs;
    private readonly EventRecorder recorder;

    public CronJobController(ControllerContext context) : base("cronjob-controller", context)
    {
        recorder = context.Recorder(Name);
        crons = Reconciles(context.Informers.Get(Kinds.CronJobs));
        jobs = ReconcilesOwner(context.Informers.Get(Kinds.Jobs), "CronJob").IndexByController();
        jobs.AddHandler(SayFinished);
    }

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (crons.Find(key) is not { } cron)
        {
            return ReconcileResult.Done;
        }
        var schedule = ScheduleOf(cron);
        var now = Clock.GetUtcNow();
        var plan = CronJobPlan.Compute(cron, schedule, jobs.ControlledBy(cron.Metadata.Uid!), now);
        Warn(cron, plan);
        foreach (var job in plan.Surplus.Concat(plan.Replace))
        {
            await DeleteAsync(cron, job, cancellationToken);
        }
        var known = plan.Status with { Active = await ActiveAsync(cron, plan, cancellationToken) };
        var status = plan.Start == CronStart.Create ? await StartAsync(cron, plan.ScheduledFor!.Value, known, cancellationToken) : known;
        await WriteStatusAsync(Kinds.CronJobs, cron.Metadata, cron.Status, status, ObjectJson.Default.CronJobStatus, cancellationToken);
        return new(plan.RequeueAfter);
    }

    /// <returns>Null where nothing can be started. There is nothing to retry: the next change of the cron job comes here again.</returns>
    private CronSchedule? ScheduleOf(CronJob cron)
    {
        if (cron.Metadata.DeletionTimestamp is not null || cron.Spec.Suspend == true)
        {
            return null;
        }
        if (cron.Spec.TimeZone is { } zone && !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
        {
            recorder.Record(cron, EventType.Warning, "UnknownTimeZone", $"invalid timeZone: \"{zone}\": unknown time zone {zone}");
            return null;
        }
        if (cron.Spec.Schedule.Contains("TZ", StringComparison.Ordinal))
        {
            recorder.Record(cron, EventType.Warning, "UnsupportedSchedule",
                $"CRON_TZ or TZ used in schedule \"{cron.Spec.Schedule}\" is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details");
        }
        try
        {
            return CronSchedule.Parse(cron.Spec.Schedule, cron.Spec.TimeZone);
        }
        catch (FormatException exception)
        {
            recorder.Record(cron, EventType.Warning, "UnparseableSchedule",
                $"unparseable schedule: \"{cron.Spec.Schedule}\" : {exception.Message}");
            return null;
        }
    }

    private void Warn(CronJob cron, CronJobPlan plan)
    {
        if (plan.TooManyMissed)
        {
            recorder.Record(cron, EventType.Warning, "TooManyMissedTimes",
                "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew");
        }
        foreach (var job in plan.Unexpected)
        {
            recorder.Record(cron, EventType.Warning, "UnexpectedJob", $"Saw a job that the controller did not create or forgot: {job.Metadata.Name}");
        }
        if (plan.Start == CronStart.Missed)
        {
            recorder.Record(cron, EventType.Warning, "MissSchedule", $"Missed scheduled time to start a job: {CronJobTime.Spoken(plan.ScheduledFor!.Value)}");
        }
        if (plan.Start == CronStart.Forbidden)
        {
            recorder.Record(cron, EventType.Normal, "JobAlreadyActive",
                "Not starting job because prior execution is running and concurrency policy is Forbid");
        }
    }

    /// <summary>
    /// What the cache does not show the server is asked about: a job made a moment ago is not missing, nor is one that was deleted
    /// from here a moment ago, which the cache's cron job still has among its active.
    /// </summary>
    private async Task<ObjectReference[]?> ActiveAsync(CronJob cron, CronJobPlan plan, CancellationToken cancellationToken)
    {
        List<ObjectReference> active = [.. plan.Status.Active ?? []];
        foreach (var missing in plan.Missing)
        {
            var found = await Client.GetAsync(Kinds.Jobs, cron.Metadata.Namespace, missing.Name!, cancellationToken);
            if (!found.IsNotFound && found.OrThrow().Metadata.Uid == missing.Uid)
            {
                active.Add(missing);
            }
            else if (await IsStillActiveAsync(cron, missing, cancellationToken))
            {
                recorder.Record(cron, EventType.Normal, "MissingJob", $"Active job went missing: {missing.Name}");
            }
        }
        return active.Count == 0 ? null : [.. active];
    }

    private async Task<bool> IsStillActiveAsync(CronJob cron, ObjectReference job, CancellationToken cancellationToken)
    {
        var current = await Client.GetAsync(Kinds.CronJobs, cron.Metadata.Namespace, cron.Metadata.Name, cancellationToken);
        return !current.IsNotFound && Array.Exists(current.OrThrow().Status.Active ?? [], active => active.Uid == job.Uid);
    }

    private async Task<CronJobStatus> StartAsync(CronJob cron, DateTimeOffset scheduled, CronJobStatus status, CancellationToken cancellationToken)
    {
        var name = CronJobName.For(cron, scheduled);
        var created = await Client.CreateAsync(Kinds.Jobs, cron.Metadata.Namespace, NewJob(cron, name, scheduled), cancellationToken);
        if (created.IsRefusedByTermination())
        {
            return status;
        }
        if (created is { Succeeded: false, AlreadyExists: false })
        {
            recorder.Record(cron, EventType.Warning, "FailedCreate", $"Error creating job: {created.Failure?.Message}");
            created.OrThrow();
        }
        if (!created.Succeeded)
        {
            return status with { LastScheduleTime = scheduled };
        }
        recorder.Record(cron, EventType.Normal, "SuccessfulCreate", $"Created job {name}");
        return status with { LastScheduleTime = scheduled, Active = [.. status.Active ?? [], CronJobPlan.Reference(created.Value)] };
    }

    private static JsonObject NewJob(CronJob cron, string name, DateTimeOffset scheduled)
    {
        var template = cron.Spec.JobTemplate?.ToNode() as JsonObject ?? [];
        var metadata = template["metadata"] as JsonObject ?? [];
        var annotations = metadata["annotations"]?.DeepClone() as JsonObject ?? [];
        annotations[CronJobPlan.ScheduledTimestamp] = CronJobTime.Annotated(scheduled, cron.Spec.TimeZone);
        return new()
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = cron.Metadata.Namespace,
                ["labels"] = metadata["labels"]?.DeepClone() ?? new JsonObject(),
                ["annotations"] = annotations,
                ["ownerReferences"] = new JsonArray(PodTemplates.ControllerReference(cron)),
            },
            ["spec"] = template["spec"]?.DeepClone(),
        };
    }

    private async Task DeleteAsync(CronJob cron, Job job, CancellationToken cancellationToken)
    {
        var options = new DeleteOptions { PropagationPolicy = "Background", PreconditionUid = job.Metadata.Uid };
        var deleted = await Client.DeleteAsync(Kinds.Jobs, job.Metadata.Namespace, job.Metadata.Name, cancellationToken, options);
        if (deleted.Succeeded)
        {
            recorder.Record(cron, EventType.Normal, "SuccessfulDelete", $"Deleted job {job.Metadata.Name}");
        }
        else if (deleted is { IsNotFound: false, IsConflict: false })
        {
            recorder.Record(cron, EventType.Warning, "FailedDelete", $"Deleted job: {deleted.Failure?.Message}");
        }
    }

    private void SayFinished(InformerChange<Job> change)
    {
        if (change is { Old: { } old, New: { } job } && !JobPlan.IsFinished(old) && JobPlan.IsFinished(job)
            && job.ControllerOwner() is { Kind: "CronJob" } owner && crons.Find(change.Key.Namespace, owner.Name) is { } cron)
        {
            var condition = Array.Exists(job.Status.Conditions ?? [], known => known is { Type: "Failed", Status: "True" }) ? "Failed" : "Complete";
            recorder.Record(cron, EventType.Normal, "SawCompletedJob",
                $"Saw completed job: {job.Metadata.Name}, condition: {condition}");
        }
    }
}
