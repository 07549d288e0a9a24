using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Resources;
using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Configuration;
using Flotilla.ClusterCore.Scheduler.Framework;
using Flotilla.ClusterCore.Scheduler.Queue;
using Flotilla.ClusterCore.Scheduler.Selectors;
using Xunit.Sdk;

namespace Flotilla.ClusterCore.Scheduler.Tests;

/// <summary>
/// Runs every case of the folders Cases/PLUGIN: a cluster, a pod, and which nodes can take it, why none, how they score, or whom
/// it drives away. A new case, or a new file of cases, needs no code; Cases/README.md says what may stand in one.
/// </summary>
public sealed class GoldenCaseTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Cases");

    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (var file in Directory.EnumerateFiles(Folder, "*.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            foreach (var one in Load(file)) { data.Add(Path.GetRelativePath(Folder, file), (string)one!["case"]!); }
        }
        return data;
    }

    [Fact]
    public void Every_plugin_has_cases()
    {
        var profile = new Stage().Profile;
        IPlugin[] deciding = [.. profile.PreEnqueue, .. profile.PreFilters, .. profile.Filters, .. profile.Scores.Select(one => one.Plugin), .. profile.PostFilters, profile.QueueSort];
        Assert.All(deciding, plugin => Assert.True(Directory.Exists(Path.Combine(Folder, plugin.Name)), plugin.Name));
    }

    [Theory, MemberData(nameof(Cases))]
    public void The_scheduler_decides_as_the_case_says(string file, string name)
    {
        var one = (JsonObject)Load(Path.Combine(Folder, file)).Single(item => (string?)item!["case"] == name)!;
        var stage = Build(one);
        var pod = CaseObjects.Pod((JsonObject)one["pod"]!);
        var expected = 0;
        Expect<JsonArray>("feasible", nodes => Assert.Equal(Texts(nodes), stage.Filter(pod).Feasible));
        Expect<JsonNode>("message", message => Assert.Equal((string)message!, stage.Explain(pod)));
        Expect<JsonNode>("gated", message => Assert.Equal((string)message!, stage.Profile.PreEnqueue.Select(plugin => plugin.PreEnqueue(PodInfo.From(pod))).Single(status => status is not null)!.Message));
        Expect<JsonObject>("scores", scores => Assert.Equal(
            scores.ToDictionary(score => score.Key, score => (long)score.Value!), stage.Score(pod, Path.GetDirectoryName(file)!)));
        Expect<JsonObject>("preempts", outcome => Assert.Equal(((string)outcome["node"]!, string.Join(' ', Texts((JsonArray)outcome["victims"]!))), stage.Preempt(pod)));
        Expect<JsonArray>("order", names => Assert.Equal(Texts(names), Order(stage, Items(one, "waiting"))));
        if (expected == 0) { throw new XunitException("the case expects nothing"); }

        void Expect<T>(string key, Action<T> check) where T : JsonNode
        {
            if (one[key] is not T value) { return; }
            expected++;
            check(value);
        }
    }

    private static Stage Build(JsonObject one)
    {
        var stage = new Stage(one["profile"] is JsonObject profile ? Profile(profile) : null);
        foreach (var (ns, labels) in one["namespaces"] as JsonObject ?? [])
        {
            stage.Namespaces.Labels[ns] = labels!.AsObject().ToDictionary(label => label.Key, label => (string)label.Value!);
        }
        if (one["defaultSelector"] is JsonObject selector)
        {
            stage.Selectors.Selector = PodSelector.OfLabels(selector.ToDictionary(label => label.Key, label => (string)label.Value!));
        }
        stage.Volumes.Claims.AddRange(Items(one, "claims").Select(item => CaseObjects.Read(item, ObjectJson.Default.PersistentVolumeClaim)));
        stage.Volumes.AllVolumes.AddRange(Items(one, "volumes").Select(item => CaseObjects.Read(item, ObjectJson.Default.PersistentVolume)));
        stage.Volumes.Classes.AddRange(Items(one, "classes").Select(item => CaseObjects.Read(item, ObjectJson.Default.StorageClass)));
        stage.Volumes.CsiNodes.AddRange(Items(one, "csiNodes").Select(item => CaseObjects.Read(item, ObjectJson.Default.CSINode)));
        stage.Volumes.Drivers.AddRange(Items(one, "csiDrivers").Select(item => CaseObjects.Read(item, ObjectJson.Default.CSIDriver)));
        stage.Volumes.StorageCapacities.AddRange(Items(one, "capacities").Select(item => CaseObjects.Read(item, ObjectJson.Default.CSIStorageCapacity)));
        stage.Volumes.Attachments.AddRange(Items(one, "attachments").Select(item => CaseObjects.Read(item, ObjectJson.Default.VolumeAttachment)));
        stage.Budgets.Budgets.AddRange(Items(one, "budgets").Select(CaseObjects.Budget));
        return stage
            .With([.. Items(one, "nodes").Select(CaseObjects.Node)])
            .With([.. Items(one, "pods").Select(CaseObjects.Pod)]);
    }

    private static KubeSchedulerProfile Profile(JsonObject profile)
    {
        var file = new JsonObject
        {
            ["apiVersion"] = "kubescheduler.config.k8s.io/v1",
            ["kind"] = "KubeSchedulerConfiguration",
            ["profiles"] = new JsonArray(profile.DeepClone()),
        };
        return ConfigurationFile.Parse(Encoding.UTF8.GetBytes(file.ToJsonString())).Profiles[0];
    }

    private static IEnumerable<string> Order(Stage stage, IEnumerable<JsonObject> waiting) => waiting
        .Select((form, index) => new QueuedPod(PodInfo.From(CaseObjects.Pod(form)), index))
        .Order(stage.Profile.QueueSort)
        .Select(queued => queued.Pod.Name);

    private static IEnumerable<string> Texts(JsonArray texts) => texts.Select(text => (string)text!);

    private static IEnumerable<JsonObject> Items(JsonObject one, string key) => (one[key] as JsonArray ?? []).Select(item => (JsonObject)item!);

    private static JsonArray Load(string file) =>
        YamlCodec.TryParse(File.ReadAllBytes(file), out var node, out var error) ? (JsonArray)node! : throw new XunitException($"{file}: {error}");
}
