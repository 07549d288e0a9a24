using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Containers;
using Flotilla.NodeAgent.Kubelet.Volumes;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Containerd;

/// <summary>Every kind of volume, as a real container finds it.</summary>
public sealed class VolumeTests(NodeFixture node)
{
    [Fact]
    public async Task A_projected_volume_brings_files_of_every_source_together()
    {
        node.Api.Put(Kinds.ConfigMaps, new ConfigMap { Metadata = A.Meta("projected-map"), Data = A.Labels("color", "blue") });
        node.Api.Put(Kinds.Secrets, new Secret { Metadata = A.Meta("projected-secret"), Data = new Dictionary<string, byte[]> { ["password"] = Encoding.UTF8.GetBytes("hush") } });
        node.Api.On(HttpMethod.Post, "serviceaccounts/default/token", () => Token("a-token"));
        await RunAsync("projected", pod =>
        {
            pod.Spec.Volumes =
            [
                new()
                {
                    Name = "all",
                    Projected = new()
                    {
                        DefaultMode = 0b100_100_000,
                        Sources =
                        [
                            new() { ConfigMap = new() { Name = "projected-map", Items = [new() { Key = "color", Path = "deep/color" }] } },
                            new() { Secret = new() { Name = "projected-secret" } },
                            new() { DownwardAPI = new() { Items = [new() { Path = "name", FieldRef = new() { FieldPath = "metadata.name" } }] } },
                            new() { ServiceAccountToken = new() { Path = "token", ExpirationSeconds = 600 } },
                        ],
                    },
                },
            ];
            pod.Spec.Containers![0].VolumeMounts = [new() { Name = "all", MountPath = "/all" }];
        });
        Assert.Equal("bluehushprojecteda-token", await node.ExecAsync("projected", "cat /all/deep/color /all/password /all/name /all/token"));
        Assert.Equal("440\n", await node.ExecAsync("projected", "stat -L -c %a /all/password"));
        Assert.Contains("Read-only file system", await node.ExecAsync("projected", "touch /all/file"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_follows_the_cluster_changes_as_one_in_a_running_container()
    {
        node.Api.Put(Kinds.ConfigMaps, new ConfigMap { Metadata = A.Meta("followed"), Data = A.Labels("a", "1", "b", "1") });
        var tokens = 0;
        // Each is as good as expired when it comes: the next refresh asks for another.
        node.Api.On(HttpMethod.Post, "serviceaccounts/rotating/token", () => Token($"token-{Interlocked.Increment(ref tokens)}", "2001-01-01T00:00:00Z"), times: 1000);
        await RunAsync("follows", pod =>
        {
            pod.Spec.Volumes =
            [
                new() { Name = "map", ConfigMap = new() { Name = "followed" } },
                new() { Name = "token", Projected = new() { Sources = [new() { ServiceAccountToken = new() { Path = "token" } }] } },
                new() { Name = "labels", DownwardAPI = new() { Items = [new() { Path = "labels", FieldRef = new() { FieldPath = "metadata.labels" } }] } },
            ];
            pod.Spec.ServiceAccountName = "rotating";
            pod.Spec.Containers![0].VolumeMounts = [new() { Name = "token", MountPath = "/token" }, new() { Name = "map", MountPath = "/map" }, new() { Name = "labels", MountPath = "/labels" }, new() { Name = "map", MountPath = "/one", SubPath = "a" }];
        });
        Assert.Equal("11", await node.ExecAsync("follows", "cat /map/a /map/b"));
        var token = await node.ExecAsync("follows", "cat /token/token");
        node.Api.Put(Kinds.ConfigMaps, new ConfigMap { Metadata = A.Meta("followed"), Data = A.Labels("a", "2", "b", "2") });
        var pod = node.Api.Get(Kinds.Pods, "default", "follows")!;
        node.Api.Put(Kinds.Pods, pod with { Metadata = pod.Metadata with { Labels = A.Labels("app", "other") } });
        await Eventually.TrueAsync(
            async () =>
            {
                var seen = await node.ExecAsync("follows", "cat /map/a /map/b");
                Assert.Contains(seen, (string[])["11", "22"]);
                return seen == "22";
            },
            "the map's new values",
            TimeSpan.FromSeconds(100));
        await Eventually.TrueAsync(async () => await node.ExecAsync("follows", "cat /labels/labels") == "app=\"other\"", "the new label");
        Assert.Equal("1", await node.ExecAsync("follows", "cat /one"));
        Assert.StartsWith("token-", token, StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => await node.ExecAsync("follows", "cat /token/token") is var now && now.StartsWith("token-", StringComparison.Ordinal) && now != token, "another token");
    }

    [Fact]
    public async Task A_local_volume_is_used_where_it_is_and_never_made()
    {
        var path = Directory.CreateDirectory(Path.Combine(node.Containerd.NodeDirectory, "disk-1")).FullName;
        Claim("local-here", path);
        Claim("local-nowhere", path + "-missing");
        await RunAsync("has-local", pod => MountClaim(pod, "local-here"));
        Assert.Equal("", await node.ExecAsync("has-local", "touch /data/file"));
        Assert.True(File.Exists(Path.Combine(path, "file")));
        node.Run("has-no-local", "sleep 1000", pod => MountClaim(pod, "local-nowhere"));
        await node.EventAsync("has-no-local", "FailedMount", $"MountVolume.SetUp failed for volume \"data\" : path \"{path}-missing\" does not exist");
        Assert.False(Directory.Exists(path + "-missing"));
    }

    [Fact]
    public async Task A_claim_that_is_for_reading_is_not_written_to()
    {
        var path = Directory.CreateDirectory(Path.Combine(node.Containerd.NodeDirectory, "disk-2")).FullName;
        await File.WriteAllTextAsync(Path.Combine(path, "file"), "there");
        Claim("for-reading", path);
        await RunAsync("reads", pod => MountClaim(pod, "for-reading", readOnly: true));
        Assert.Equal("there", await node.ExecAsync("reads", "cat /data/file"));
        Assert.Contains("Read-only file system", await node.ExecAsync("reads", "touch /data/other"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_volume_in_memory_has_its_size_and_a_group_that_may_write()
    {
        await RunAsync("in-memory", pod =>
        {
            pod.Spec.SecurityContext = new() { RunAsUser = 1000, FsGroup = 2000 };
            pod.Spec.Volumes = [new() { Name = "memory", EmptyDir = new() { Medium = "Memory", SizeLimit = "1Mi" } }];
            pod.Spec.Containers![0].VolumeMounts = [new() { Name = "memory", MountPath = "/memory" }];
        });
        Assert.Equal("tmpfs\n", await node.ExecAsync("in-memory", "stat -f -c %T /memory"));
        Assert.Contains("No space left on device", await node.ExecAsync("in-memory", "dd if=/dev/zero of=/memory/file bs=64k count=17"), StringComparison.Ordinal);
        Assert.Equal("2000\n", await node.ExecAsync("in-memory", "stat -c %g /memory/file"));
    }

    [Fact]
    public async Task A_sub_path_may_name_what_it_is_for_and_lead_nowhere_else()
    {
        var escape = Directory.CreateDirectory(Path.Combine(node.Containerd.NodeDirectory, "escape")).FullName;
        File.CreateSymbolicLink(Path.Combine(escape, "out"), "/etc");
        await RunAsync("sub-path", pod =>
        {
            pod.Spec.Volumes = [new() { Name = "data", EmptyDir = new() }];
            pod.Spec.Containers![0].Env = [new() { Name = "WHO", ValueFrom = new() { FieldRef = new() { FieldPath = "metadata.name" } } }];
            pod.Spec.Containers[0].VolumeMounts = [new() { Name = "data", MountPath = "/all" }, new() { Name = "data", MountPath = "/own", SubPathExpr = "of/$(WHO)" }];
        });
        await node.ExecAsync("sub-path", "touch /own/file");
        Assert.Equal("file\n", await node.ExecAsync("sub-path", "ls /all/of/sub-path"));
        node.Run("sub-path-out", "sleep 1000", pod =>
        {
            pod.Spec.Volumes = [new() { Name = "data", HostPath = new() { Path = escape } }];
            pod.Spec.Containers![0].VolumeMounts = [new() { Name = "data", MountPath = "/own", SubPath = "out" }];
        });
        var refused = await node.PodAsync("sub-path-out", pod => pod.Status.ContainerStatuses?[0].State?.Waiting?.Reason == "CreateContainerConfigError", "refused");
        Assert.Equal("subPath \"out\" leads out of its volume", refused.Status.ContainerStatuses![0].State!.Waiting!.Message);
    }

    [Fact]
    public async Task Files_that_a_claim_has_already_become_the_groups()
    {
        var path = Directory.CreateDirectory(Path.Combine(node.Containerd.NodeDirectory, "disk-3")).FullName;
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(path, "deep"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName, "file");
        await File.WriteAllTextAsync(file, "earlier ");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Claim("of-a-group", path);
        await RunAsync("in-the-group", pod =>
        {
            pod.Spec.SecurityContext = new() { RunAsUser = 1000, FsGroup = 2000 };
            MountClaim(pod, "of-a-group");
            pod.Spec.Containers![0].Command = ["sh", "-c", "echo mine >> /data/deep/file; sleep 1000"];
        });
        await Eventually.TrueAsync(async () => await node.ExecAsync("in-the-group", "cat /data/deep/file") == "earlier mine\n", "it has written");
    }

    [Fact]
    public async Task A_token_is_for_who_the_pod_runs_as()
    {
        node.Api.On(HttpMethod.Post, "serviceaccounts/owned/token", () => Token("secret"), times: 1000);
        await RunAsync("token-of-user", pod => MountToken(pod, new() { RunAsUser = 1000 }));
        Assert.Equal("600/1000/0\n", await node.ExecAsync("token-of-user", "stat -L -c %a/%u/%g /token/token"));
        await RunAsync("token-of-group", pod => MountToken(pod, new() { FsGroup = 2000 }));
        Assert.Equal("640/0/2000\n", await node.ExecAsync("token-of-group", "stat -L -c %a/%u/%g /token/token"));

        static void MountToken(Pod pod, PodSecurityContext security)
        {
            (pod.Spec.SecurityContext, pod.Spec.ServiceAccountName) = (security, "owned");
            pod.Spec.Volumes = [new() { Name = "token", Projected = new() { Sources = [new() { ServiceAccountToken = new() { Path = "token" } }] } }];
            pod.Spec.Containers![0].VolumeMounts = [new() { Name = "token", MountPath = "/token" }];
        }
    }

    [Theory]
    [InlineData("recursive", "failed to resolve recursive read-only mode: volume \"data\" requested recursive read-only mode, but it is not supported by the runtime")]
    [InlineData("device", "volume \"data\" is asked for as a block device, which is not supported by the node")]
    public async Task What_cannot_be_mounted_so_is_said(string what, string message)
    {
        node.Run($"mounts-{what}", "sleep 1000", pod =>
        {
            pod.Spec.Volumes = [new() { Name = "data", EmptyDir = new() }];
            var main = pod.Spec.Containers![0];
            main.VolumeMounts = what == "recursive" ? [new() { Name = "data", MountPath = "/data", ReadOnly = true, RecursiveReadOnly = "Enabled" }] : null;
            main.VolumeDevices = what == "device" ? [new() { Name = "data", DevicePath = "/dev/data" }] : null;
        });
        var refused = await node.PodAsync($"mounts-{what}", pod => pod.Status.ContainerStatuses?[0].State?.Waiting?.Reason == "CreateContainerConfigError", "refused");
        Assert.Equal(message, refused.Status.ContainerStatuses![0].State!.Waiting!.Message);
    }

    [Fact]
    public async Task A_medium_that_the_node_has_not_keeps_the_pod_waiting()
    {
        node.Run("huge", "sleep 1000", pod =>
        {
            pod.Spec.Volumes = [new() { Name = "data", EmptyDir = new() { Medium = "HugePages" } }];
            pod.Spec.Containers![0].VolumeMounts = [new() { Name = "data", MountPath = "/data" }];
        });
        await node.EventAsync("huge", "FailedMount", "MountVolume.SetUp failed for volume \"data\" : the medium HugePages is not supported by the node");
    }

    [Theory]
    [InlineData("Directory", "/nowhere/at-all", "is not a directory")]
    [InlineData("File", "/nowhere/at-all", "is not a file")]
    [InlineData("File", "/etc", "is not a file")]
    [InlineData("Socket", "/etc/hosts", "is not a socket file")]
    [InlineData("CharDevice", "/etc/hosts", "is not a character device")]
    [InlineData("BlockDevice", "/dev/null", "is not a block device")]
    public void A_host_path_of_another_type_is_refused(string type, string path, string what) =>
        Assert.Equal($"hostPath type check failed: {path} {what}", Assert.Throws<ContainerConfigException>(() => HostPaths.Prepare(new() { Path = path, Type = type })).Message);

    [Theory]
    [InlineData("Directory", "/etc")]
    [InlineData("File", "/etc/hosts")]
    [InlineData("CharDevice", "/dev/null")]
    [InlineData("", "/nowhere/at-all")]
    public void A_host_path_of_its_type_is_taken(string type, string path) => Assert.Equal(path, HostPaths.Prepare(new() { Path = path, Type = type }));

    [Fact]
    public async Task A_host_path_of_another_type_keeps_the_pod_waiting()
    {
        var (type, what) = ("Socket", "is not a socket file");
        var name = $"no-{type.ToLowerInvariant()}";
        node.Run(name, "sleep 1000", pod =>
        {
            pod.Spec.Volumes = [new() { Name = "host", HostPath = new() { Path = "/nowhere/at-all", Type = type } }];
            pod.Spec.Containers![0].VolumeMounts = [new() { Name = "host", MountPath = "/host" }];
        });
        await node.EventAsync(name, "FailedMount", $"MountVolume.SetUp failed for volume \"host\" : hostPath type check failed: /nowhere/at-all {what}");
    }

    private void Claim(string name, string path)
    {
        node.Api.Put(Kinds.PersistentVolumes, new PersistentVolume { Metadata = A.Meta(name, null), Spec = new() { Local = new() { Path = path }, PersistentVolumeReclaimPolicy = "Retain" } });
        node.Api.Put(Kinds.PersistentVolumeClaims, new PersistentVolumeClaim { Metadata = A.Meta(name), Spec = new() { VolumeName = name } });
    }

    private static void MountClaim(Pod pod, string claim, bool readOnly = false)
    {
        pod.Spec.Volumes = [new() { Name = "data", PersistentVolumeClaim = new() { ClaimName = claim, ReadOnly = readOnly } }];
        pod.Spec.Containers![0].VolumeMounts = [new() { Name = "data", MountPath = "/data" }];
    }

    private async Task RunAsync(string name, Action<Pod> change)
    {
        node.Run(name, "sleep 1000", change);
        await node.PodAsync(name, pod => pod.Status.ContainerStatuses?[0].Ready == true, "ready");
    }

    private static HttpResponseMessage Token(string token, string expires = "2099-01-01T00:00:00Z") => new(System.Net.HttpStatusCode.Created)
    {
        Content = new StringContent(new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenRequest",
            ["status"] = new JsonObject { ["token"] = token, ["expirationTimestamp"] = expires },
        }.ToJsonString()),
    };
}
