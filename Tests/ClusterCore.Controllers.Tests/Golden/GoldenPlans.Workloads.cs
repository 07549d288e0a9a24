using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Controllers.CronJobs;
using Flotilla.ClusterCore.Controllers.DaemonSets;
using Flotilla.ClusterCore.Controllers.Deployments;
using Flotilla.ClusterCore.Controllers.Jobs;
using Flotilla.ClusterCore.Controllers.ReplicaSets;
using Flotilla.ClusterCore.Controllers.Revisions;
using Flotilla.ClusterCore.Controllers.StatefulSets;

namespace Flotilla.ClusterCore.Controllers.Tests.Golden;

internal static partial class GoldenPlans
{
    private const string Workload = """
        {"selector":{"matchLabels":{"app":"web"}}, "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"main","image":"one"}]}}}
        """;

    /// <summary>Of the pods, those whose owner is <c>set</c> are its own.</summary>
    private static JsonObject ReplicaSets(GoldenCase one)
    {
        var plan = ReplicaSetPlan.Compute(
            one.One("set", ObjectJson.Default.ReplicaSet, Workload), one.Pods(), one.Now, () => [.. one.Pods(), .. one.Pods("related")]);
        return new()
        {
            ["create"] = plan.Create,
            ["delete"] = Names(plan.Delete),
            ["adopt"] = Names(plan.Claim.Adopt),
            ["release"] = Names(plan.Claim.Release),
            ["status"] = Tree(plan.Status, ObjectJson.Default.ReplicaSetStatus),
            ["requeueAfter"] = Seconds(plan.RequeueAfter),
        };
    }

    /// <summary>A replica set's template differs from the deployment's in nothing but its <c>image</c>, which is <c>one</c> unless said.</summary>
    private static JsonObject Deployments(GoldenCase one)
    {
        var sets = one.Parts("sets").Select((item, i) =>
        {
            var tree = GoldenCase.Object(item, $"set-{i}", Workload);
            tree["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = (string?)item["image"] ?? "one";
            return System.Text.Json.JsonSerializer.Deserialize(tree, ObjectJson.Default.ReplicaSet)!;
        }).ToArray();
        var plan = DeploymentPlan.Compute(one.One("deployment", ObjectJson.Default.Deployment, Workload), sets, one.Pods(), one.Now);
        return new()
        {
            ["create"] = plan.Create?.Replicas,
            ["scales"] = new JsonObject(plan.Scales.Select(scale => KeyValuePair.Create(scale.ReplicaSet.Metadata.Name, (JsonNode?)scale.Replicas))),
            ["delete"] = Names(plan.Delete),
            ["revision"] = plan.Revision,
            ["status"] = Tree(plan.Status, ObjectJson.Default.DeploymentStatus),
            ["requeueAfter"] = Seconds(plan.RequeueAfter),
        };
    }

    /// <summary>The revisions are called <c>old</c> and <c>new</c>; a pod's label says which it is of.</summary>
    private static JsonObject StatefulSets(GoldenCase one)
    {
        var set = one.One("set", ObjectJson.Default.StatefulSet, Workload);
        var plan = StatefulSetPlan.Compute(set, one.Pods(), one.Text("current") ?? "new", "new", one.Now);
        return new()
        {
            ["create"] = new JsonArray([.. plan.Create.Select(pod => (JsonNode)$"{pod.Ordinal}{(pod.FromUpdate ? "" : " old")}")]),
            ["delete"] = Names(plan.Delete),
            ["status"] = Tree(plan.Status, ObjectJson.Default.StatefulSetStatus),
            ["requeueAfter"] = Seconds(plan.RequeueAfter),
        };
    }

    /// <summary>
    /// A revision is kept of its template's <c>image</c>, as the plan itself writes it; the set's own is <c>one</c> unless said. Hashes
    /// are not written out: a case says whether it is that of <c>one</c> without collisions.
    /// </summary>
    private static JsonObject Revisions(GoldenCase one)
    {
        var set = one.One("set", ObjectJson.Default.StatefulSet, Workload);
        var history = one.Parts("revisions").Select((item, i) => Kept(set, item, $"revision-{i}")).ToArray();
        var plan = RevisionPlan.Compute(set, Template((string?)one.Part("set")["image"] ?? "one"), history, one.Number("collisions"));
        return new()
        {
            ["update"] = plan.Update?.Metadata.Name,
            ["mustCreate"] = plan.MustCreate,
            ["mustRenumber"] = plan.MustRenumber,
            ["number"] = plan.Number,
            ["namedByHash"] = plan.UpdateName == $"{set.Metadata.Name}-{plan.Hash}",
            ["hashOfFirst"] = plan.Hash == RevisionPlan.Compute(set, Template("one"), [], null).Hash,
            ["surplus"] = Names(RevisionPlan.Surplus(history, one.Texts("used").ToHashSet(StringComparer.Ordinal), one.Number("limit") ?? 10)),
            ["data"] = plan.Data.ToNode(),
        };
    }

    private static Client.Objects.ControllerRevision Kept(Client.Objects.StatefulSet set, JsonObject item, string name)
    {
        var tree = GoldenCase.Object(item, name, "{}");
        tree["data"] = RevisionPlan.Compute(set, Template((string?)item["image"] ?? "one"), [], null).Data.ToNode();
        return System.Text.Json.JsonSerializer.Deserialize(tree, ObjectJson.Default.ControllerRevision)!;
    }

    private static RawJson Template(string image) => RawJson.From(JsonNode.Parse($$$"""{"spec":{"containers":[{"name":"main","image":"{{{image}}}"}]}}""")!);

    /// <summary>A pod's label <c>controller-revision-hash</c> is <c>new</c> or another.</summary>
    private static JsonObject DaemonSets(GoldenCase one)
    {
        var set = one.One("set", ObjectJson.Default.DaemonSet, Workload);
        var daemon = set.Spec.Template!.Read(ObjectJson.Default.PodTemplateSpec)!.Spec;
        var plan = DaemonSetPlan.Compute(set, daemon, one.Many("nodes", ObjectJson.Default.Node), one.Pods(), "new", one.Now);
        return new()
        {
            ["createOn"] = new JsonArray([.. plan.CreateOn.Select(node => (JsonNode)node)]),
            ["delete"] = Names(plan.Delete),
            ["failed"] = Names(plan.Failed),
            ["status"] = Tree(plan.Status, ObjectJson.Default.DaemonSetStatus),
            ["requeueAfter"] = Seconds(plan.RequeueAfter),
        };
    }

    /// <summary>Pods are the job's; with <c>index</c> and <c>failures</c> they have these annotations, and the finalizer unless <c>counted</c>.</summary>
    private static JsonObject Jobs(GoldenCase one)
    {
        foreach (var pod in one.Parts("pods"))
        {
            if (pod["counted"] is null) { pod["finalizers"] ??= new JsonArray(JobPods.Finalizer); }
            var annotations = new JsonObject();
            if (pod["index"] is { } index) { annotations[JobPods.IndexAnnotation] = index.ToString(); }
            if (pod["failures"] is { } failures) { annotations[JobPods.IndexFailures] = failures.ToString(); }
            if (pod["ignored"] is { } ignored) { annotations[JobPods.IgnoredFailures] = ignored.ToString(); }
            pod["annotations"] ??= annotations;
        }
        var job = one.One("job", ObjectJson.Default.Job, """{"template":{"spec":{"containers":[]}}}""");
        var present = new JobPods(job, one.Pods());
        var plan = JobPlan.Compute(job, one.Pods(), one.Now);
        return new()
        {
            ["create"] = new JsonArray([.. plan.Create.Select(index => (JsonNode?)index ?? "any")]),
            ["annotations"] = new JsonArray([.. plan.Create.Select(index => Annotations(job, present.LastFailed(index), index))]),
            ["delete"] = Names(plan.Delete),
            ["countsDeleted"] = plan.CountsDeleted,
            ["release"] = Names(plan.Release),
            ["finished"] = plan.Finished?.Reason,
            ["status"] = Tree(plan.Status, ObjectJson.Default.JobStatus),
            ["requeueAfter"] = Seconds(plan.RequeueAfter),
        };
    }

    private static JsonNode? Annotations(Client.Objects.Job job, Client.Objects.Pod? replaced, int? index) =>
        JobPod.Create(job, index, replaced)["metadata"]!["annotations"]!.DeepClone();

    /// <summary>Jobs are the cron job's own, but those <c>byHand</c>.</summary>
    private static JsonObject CronJobs(GoldenCase one)
    {
        foreach (var job in one.Parts("jobs").Where(job => job["byHand"] is null))
        {
            job["annotations"] ??= new JsonObject { [CronJobPlan.ScheduledTimestamp] = GoldenCase.Noon };
        }
        var cron = one.One("cronJob", ObjectJson.Default.CronJob);
        var schedule = CronSchedule.Parse(cron.Spec.Schedule, cron.Spec.TimeZone);
        var plan = CronJobPlan.Compute(cron, schedule, one.Many("jobs", ObjectJson.Default.Job), one.Now);
        return new()
        {
            ["start"] = plan.Start.ToString(),
            ["scheduledFor"] = Time(plan.ScheduledFor),
            ["tooManyMissed"] = plan.TooManyMissed,
            ["replace"] = Names(plan.Replace),
            ["surplus"] = Names(plan.Surplus),
            ["missing"] = new JsonArray([.. plan.Missing.Select(missing => (JsonNode?)missing.Name)]),
            ["unexpected"] = Names(plan.Unexpected),
            ["status"] = Tree(plan.Status, ObjectJson.Default.CronJobStatus),
            ["requeueAfter"] = Seconds(plan.RequeueAfter),
        };
    }
}
