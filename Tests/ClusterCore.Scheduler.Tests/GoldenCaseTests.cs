using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Resources;
using Xunit.Sdk;

namespace Flotilla.ClusterCore.Scheduler.Tests;

/// <summary>Runs every case of the folder Cases: a cluster, a pod, and which nodes can take it, why none, or how they score.</summary>
public sealed class GoldenCaseTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Cases");

    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (var file in Directory.EnumerateFiles(Folder, "*.yaml").Order(StringComparer.Ordinal))
        {
            foreach (var one in Load(file)) { data.Add(Path.GetFileName(file), (string)one!["case"]!); }
        }
        return data;
    }

    [Theory, MemberData(nameof(Cases))]
    public void The_scheduler_decides_as_the_case_says(string file, string name)
    {
        var one = (JsonObject)Load(Path.Combine(Folder, file)).Single(item => (string?)item!["case"] == name)!;
        var stage = Build(one);
        var pod = CaseObjects.Pod((JsonObject)one["pod"]!);
        var expected = 0;
        if (one["feasible"] is JsonArray feasible)
        {
            expected++;
            Assert.Equal(feasible.Select(node => (string)node!), stage.Filter(pod).Feasible);
        }
        if ((string?)one["message"] is { } message)
        {
            expected++;
            Assert.Equal(message, stage.Filter(pod).Message);
        }
        if (one["scores"] is JsonObject scores)
        {
            expected++;
            var actual = stage.Score(pod, (string)one["plugin"]!);
            Assert.Equal(scores.ToDictionary(score => score.Key, score => (long)score.Value!), actual);
        }
        if (expected == 0) { throw new XunitException("the case expects nothing"); }
    }

    private static Stage Build(JsonObject one)
    {
        var stage = new Stage();
        foreach (var (ns, labels) in one["namespaces"] as JsonObject ?? [])
        {
            stage.Namespaces.Labels[ns] = labels!.AsObject().ToDictionary(label => label.Key, label => (string)label.Value!);
        }
        stage.Volumes.Claims.AddRange(Items(one, "claims").Select(item => CaseObjects.Read(item, ObjectJson.Default.PersistentVolumeClaim)));
        stage.Volumes.AllVolumes.AddRange(Items(one, "volumes").Select(item => CaseObjects.Read(item, ObjectJson.Default.PersistentVolume)));
        stage.Volumes.Classes.AddRange(Items(one, "classes").Select(item => CaseObjects.Read(item, ObjectJson.Default.StorageClass)));
        stage.Volumes.CsiNodes.AddRange(Items(one, "csiNodes").Select(item => CaseObjects.Read(item, ObjectJson.Default.CSINode)));
        return stage
            .With([.. Items(one, "nodes").Select(CaseObjects.Node)])
            .With([.. Items(one, "pods").Select(CaseObjects.Pod)]);
    }

    private static IEnumerable<JsonObject> Items(JsonObject one, string key) => (one[key] as JsonArray ?? []).Select(item => (JsonObject)item!);

    private static JsonArray Load(string file) =>
        YamlCodec.TryParse(File.ReadAllBytes(file), out var node, out var error) ? (JsonArray)node! : throw new XunitException($"{file}: {error}");
}
