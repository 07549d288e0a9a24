using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.TestKit;

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
