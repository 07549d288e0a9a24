using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Events;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Containers;
using Flotilla.NodeAgent.Kubelet.Images;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Kubelet.Pods;
using Flotilla.NodeAgent.Runtime.Containerd;
using Flotilla.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.NodeAgent.Kubelet.Tests.Containerd;

/// <summary>Images of a real registry that asks who one is.</summary>
public sealed class PullSecretTests(NodeFixture node) : IAsyncLifetime
{
    private ImageRegistry registry = null!;
    private string image = null!;

    [Fact]
    public async Task Who_has_the_password_gets_the_image()
    {
        Keep("login", ImageRegistry.User, ImageRegistry.Password);
        Run("known", "login");
        await node.PodAsync("known", pod => pod.Status.ContainerStatuses?[0].Ready == true, "ready");
        await node.EventAsync("known", "Pulled", $"Successfully pulled image \"{image}\" in ");
    }

    [Theory]
    [InlineData("wrong-password", ImageRegistry.User, "wrong")]
    [InlineData("no-secret", null, null)]
    public async Task Who_has_not_is_refused_and_told(string name, string? user, string? password)
    {
        if (user is not null)
        {
            Keep(name, user, password!);
        }

        Run(name, name);
        var pod = await node.PodAsync(name, found => found.Status.ContainerStatuses?[0].State?.Waiting?.Reason == "ImagePullBackOff", "backs off");
        var message = pod.Status.ContainerStatuses![0].State!.Waiting!.Message!;
        Assert.StartsWith($"Back-off pulling image \"{image}\": ErrImagePull: rpc error: code = Unknown desc = failed to pull and unpack image \"{image}\": ", message, StringComparison.Ordinal);
        Assert.EndsWith("401 Unauthorized", message, StringComparison.Ordinal);
        await node.EventAsync(name, "Failed", $"Failed to pull image \"{image}\": rpc error: ");
        if (user is null)
        {
            await node.EventAsync(name, "FailedToRetrieveImagePullSecret", $"Unable to retrieve some image pull secrets ({name}); attempting to pull the image may not succeed.");
        }

        node.Delete(pod);
    }

    [Fact]
    public async Task Each_pull_that_fails_doubles_the_wait_up_to_five_minutes()
    {
        // Real pulls of an image that the registry has not got yet; only the time between them is made up.
        const string late = $"{ImageRegistry.Address}/team/late:1";
        Keep("patient", ImageRegistry.User, ImageRegistry.Password);
        var pod = A.Pod("waits-for-its-image", "node-0");
        (pod.Spec.ImagePullSecrets, pod.Spec.Containers) = ([new() { Name = "patient" }], [new() { Name = "main", Image = late }]);
        var clock = new ManualClock();
        using var client = node.Api.Client();
        using var runtime = new ContainerdRuntime(node.Containerd.Socket);
        var events = new PodEvents(new EventRecorder(client, "kubelet", clock, NullLogger.Instance, "node-0"));
        using var puller = new ImagePuller(runtime, new ClusterObjects(client, new InformerFactory(client).Get(Kinds.Services)), events, clock);
        foreach (var seconds in (int[])[10, 20, 40, 80, 160, 300, 300])
        {
            var failed = await EnsureAsync();
            Assert.Equal("ErrImagePull", failed.Trouble!.Reason);
            Assert.EndsWith($"{late}: not found", failed.Trouble.Message, StringComparison.Ordinal);
            var until = clock.GetUtcNow().AddSeconds(seconds);
            clock.Advance(TimeSpan.FromSeconds(seconds - 1));
            var waiting = await EnsureAsync();
            Assert.Equal(("ImagePullBackOff", $"Back-off pulling image \"{late}\": ErrImagePull: {failed.Trouble.Message}", until), (waiting.Trouble!.Reason, waiting.Trouble.Message, waiting.RetryAt));
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        await registry.PushAsync(NodeFixture.Image, "team/late:1");
        Assert.NotNull((await EnsureAsync()).Image);

        Task<ImageOutcome> EnsureAsync() => puller.EnsureAsync(pod, pod.Spec.Main()[0], CancellationToken.None);
    }

    public async ValueTask InitializeAsync()
    {
        registry = await ImageRegistry.StartAsync($"/run/netns/{node.Containerd.NetworkNamespace}", node.Containerd.Socket, isPrivate: true);
        image = await registry.PushAsync(NodeFixture.Image, "team/private:1");
    }

    public ValueTask DisposeAsync() => registry.DisposeAsync();

    private void Run(string name, string secret) => node.Run(name, "sleep 1000", pod =>
    {
        pod.Spec.ImagePullSecrets = [new() { Name = secret }];
        (pod.Spec.Containers![0].Image, pod.Spec.Containers[0].ImagePullPolicy) = (image, "Always");
    });

    private void Keep(string name, string user, string password) => node.Api.Put(Kinds.Secrets, new Secret
    {
        Metadata = A.Meta(name),
        Type = "kubernetes.io/dockerconfigjson",
        Data = new Dictionary<string, byte[]>
        {
            [".dockerconfigjson"] = Encoding.UTF8.GetBytes(new JsonObject
            {
                ["auths"] = new JsonObject { [ImageRegistry.Address] = new JsonObject { ["auth"] = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")) } },
            }.ToJsonString()),
        },
    });
}
