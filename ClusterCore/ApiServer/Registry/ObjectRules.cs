using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>Defaults and validation by kind, and the addresses and ports a Service claims.</summary>
internal sealed class ObjectRules
{
    public void Default(ResourceInfo resource, JsonObject obj)
    {
    }

    public void ValidateCreate(ResourceInfo resource, JsonObject obj)
    {
    }

    public void ValidateUpdate(ResourceInfo resource, string subresource, JsonObject current, JsonObject next)
    {
    }

    public ValueTask<Claims> ClaimAsync(Scope scope, JsonObject? current, JsonObject next) => ValueTask.FromResult(new Claims());

    public ValueTask ReleaseAsync(Scope scope, JsonObject last) => ValueTask.CompletedTask;
}

internal sealed class Claims : IAsyncDisposable
{
    public void Keep()
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
