using System.Text;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Containers;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Containers;

public sealed class EnvironmentTests
{
    [Fact]
    public async Task Values_come_from_every_source()
    {
        var environment = await BuildAsync(
            new() { Name = "PLAIN", Value = "a" },
            new() { Name = "JOINED", Value = "$(PLAIN)-$(APP_KEY)" },
            new() { Name = "FROM_MAP", ValueFrom = new() { ConfigMapKeyRef = new() { Name = "settings", Key = "key" } } },
            new() { Name = "FROM_SECRET", ValueFrom = new() { SecretKeyRef = new() { Name = "login", Key = "password" } } },
            new() { Name = "NODE", ValueFrom = new() { FieldRef = new() { FieldPath = "spec.nodeName" } } },
            new() { Name = "LABEL", ValueFrom = new() { FieldRef = new() { FieldPath = "metadata.labels['app']" } } },
            new() { Name = "CPU", ValueFrom = new() { ResourceFieldRef = new() { Resource = "requests.cpu", Divisor = "1m" } } },
            new() { Name = "MEMORY", ValueFrom = new() { ResourceFieldRef = new() { Resource = "limits.memory", Divisor = "1Mi" } } },
            new() { Name = "DISK", ValueFrom = new() { ResourceFieldRef = new() { Resource = "limits.ephemeral-storage", Divisor = "1Gi" } } });
        Assert.Equal(
            ["a", "a-value", "value", "secret!", "node-0", "web", "100", "2048", "8", "value"],
            ((string[])["PLAIN", "JOINED", "FROM_MAP", "FROM_SECRET", "NODE", "LABEL", "CPU", "MEMORY", "DISK", "APP_KEY"]).Select(name => environment[name]));
    }

    [Fact]
    public async Task A_missing_key_is_named()
    {
        var exception = await Assert.ThrowsAsync<ContainerConfigException>(
            () => BuildAsync(new EnvVar { Name = "X", ValueFrom = new() { SecretKeyRef = new() { Name = "login", Key = "nope" } } }));
        Assert.Equal("couldn't find key nope in Secret default/login", exception.Message);
    }

    [Fact]
    public async Task A_missing_object_is_named_unless_it_is_optional()
    {
        EnvVar Missing(bool optional) => new() { Name = "X", ValueFrom = new() { ConfigMapKeyRef = new() { Name = "nope", Key = "k", Optional = optional } } };
        Assert.Equal("configmap \"nope\" not found", (await Assert.ThrowsAsync<ContainerConfigException>(() => BuildAsync(Missing(false)))).Message);
        Assert.DoesNotContain("X", (await BuildAsync(Missing(true))).Keys);
    }

    [Fact]
    public async Task Services_are_told_as_variables()
    {
        var environment = await BuildAsync();
        Assert.Equal(("10.96.0.7", "80", "tcp://10.96.0.7:80"), (environment["MY_DB_SERVICE_HOST"], environment["MY_DB_SERVICE_PORT"], environment["MY_DB_PORT_80_TCP"]));
        Assert.DoesNotContain("OTHER_SERVICE_HOST", environment.Keys);
    }

    private static Task<IReadOnlyDictionary<string, string>> BuildAsync(params EnvVar[] variables)
    {
        var pod = A.Pod(node: "node-0");
        var container = pod.Spec.Containers![0] with { Env = variables, EnvFrom = [new() { Prefix = "APP_", ConfigMapRef = new() { Name = "upper" } }] };
        var fields = new DownwardFields(pod, "node-0", "10.0.0.1", ["10.244.0.7"], allocatableMilliCpu: 2000, allocatableMemory: 2L << 30, allocatableDisk: 8L << 30);
        return new EnvironmentBuilder(new Objects(), fields).BuildAsync(pod, container, CancellationToken.None);
    }

    private sealed class Objects : IClusterObjects
    {
        public Task<ConfigMap?> ConfigMapAsync(string ns, string name, CancellationToken cancellationToken) => Task.FromResult<ConfigMap?>(name switch
        {
            "settings" => new() { Data = A.Labels("key", "value") },
            "upper" => new() { Data = A.Labels("KEY", "value") },
            _ => null,
        });

        public Task<Secret?> SecretAsync(string ns, string name, CancellationToken cancellationToken) => Task.FromResult<Secret?>(
            name == "login" ? new() { Data = new Dictionary<string, byte[]> { ["password"] = Encoding.UTF8.GetBytes("secret!") } } : null);

        public Task<IReadOnlyList<Service>> ServicesAsync(CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<Service>>([Service("my-db", "default"), Service("other", "elsewhere")]);

        public Task<TokenRequestStatus> TokenAsync(Pod pod, string? audience, long expirationSeconds, CancellationToken cancellationToken) =>
            Task.FromResult(new TokenRequestStatus { Token = "token" });

        public Task<PersistentVolume?> ClaimedVolumeAsync(string ns, string claimName, CancellationToken cancellationToken) =>
            Task.FromResult<PersistentVolume?>(null);

        private static Service Service(string name, string ns) => new()
        {
            Metadata = A.Meta(name, ns),
            Spec = new() { ClusterIP = "10.96.0.7", Ports = [new() { Port = 80, Protocol = "TCP" }] },
        };
    }
}
