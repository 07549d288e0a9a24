using Flotilla.ClusterCore.Client;

namespace Flotilla.ClusterCore.Controllers.Status;

internal static class Refusals
{
    /// <summary>The namespace is being deleted, or gone: whatever was to be made in it is no longer wanted.</summary>
    public static bool IsRefusedByTermination<T>(this ApiResult<T> result) where T : class =>
        result.IsNotFound || result.Failure is { Code: 403, Details.Causes: [{ Reason: "NamespaceTerminating" }, ..] };
}
