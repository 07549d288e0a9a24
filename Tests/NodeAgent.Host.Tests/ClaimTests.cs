using System.Text.Json.Nodes;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Host.Tests;

/// <summary>A claim from its making to its end: the default class, the scheduler, a directory of a node, pods that use it.</summary>
public sealed class ClaimTests(Cluster cluster)
{
    [Fact]
    public async Task What_one_pod_writes_to_its_claim_the_next_one_reads_and_nothing_is_left()
    {
        await cluster.ApplyAsync(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "PersistentVolumeClaim",
            ["metadata"] = new JsonObject { ["name"] = "kept", ["namespace"] = "default" },
            ["spec"] = new JsonObject { ["accessModes"] = new JsonArray("ReadWriteOnce"), ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["storage"] = "16Mi" } } },
        });
        await cluster.ApplyAsync(User("writer", "echo written > /data/file; sleep 1000"));
        await cluster.OkAsync("wait", "--for=condition=Ready", "pod/writer", "--timeout=180s");
        Assert.Equal("Bound local", await cluster.OkAsync("get", "pvc", "kept", "-o", "jsonpath={.status.phase} {.spec.storageClassName}"));
        await cluster.OkAsync("delete", "pod", "writer", "--now");
        await cluster.ApplyAsync(User("reader", "cat /data/file; sleep 1000"));
        await Eventually.TrueAsync(async () => (await cluster.KubectlAsync("logs", "reader")).Output == "written\n", "what was written", TimeSpan.FromSeconds(60));
        var volume = await cluster.OkAsync("get", "pvc", "kept", "-o", "jsonpath={.spec.volumeName}");
        var directory = await cluster.OkAsync("get", "pv", volume, "-o", "jsonpath={.spec.hostPath.path}");
        Assert.Equal("written\n", await File.ReadAllTextAsync(Path.Combine(directory, "file")));
        await cluster.OkAsync("delete", "pod", "reader", "--now");
        await cluster.OkAsync("delete", "pvc", "kept");
        await Eventually.TrueAsync(async () => (await cluster.KubectlAsync("get", "pv", volume)).Error.Contains("NotFound", StringComparison.Ordinal) && !Directory.Exists(directory), "nothing is left", TimeSpan.FromSeconds(60));
    }

    /// <summary>Placed by the scheduler, which waits for the volume.</summary>
    private JsonObject User(string name, string script)
    {
        var manifest = Cluster.PodManifest(name, "", script);
        var spec = manifest["spec"]!.AsObject();
        spec["nodeSelector"] = new JsonObject { ["kubernetes.io/hostname"] = cluster.Node.Name };
        spec["volumes"] = new JsonArray(new JsonObject { ["name"] = "data", ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = "kept" } });
        spec["containers"]![0]!["volumeMounts"] = new JsonArray(new JsonObject { ["name"] = "data", ["mountPath"] = "/data" });
        return manifest;
    }
}
