using Flotilla.ClusterCore.ApiServer.Admission;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>What became of a deletion: the object's last bytes, and whether it is gone.</summary>
internal sealed record Deleted(StoredObject Object, bool IsGone, string Uid);

internal sealed class ObjectDeleter(ObjectStore objects, AdmissionChain admission, ObjectRules rules, TimeProvider clock)
{
    private const int Attempts = 8;

    /// <param name="isAdmitted">Admission has decided already, over the eviction.</param>
    public async ValueTask<Deleted> DeleteAsync(Scope scope, StoreKey key, DeleteOptions options, bool isAdmitted = false)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var found = await objects.GetAsync(key, scope.Aborted) ?? throw scope.NotFound(key.Name);
            if (await TryDeleteAsync(scope, key, found, options, isAdmitted) is { } deleted) { return deleted; }
        }

        throw Refusal.Modified(scope.GroupResource, key.Name);
    }

    private async ValueTask<Deleted?> TryDeleteAsync(Scope scope, StoreKey key, StoredObject found, DeleteOptions options, bool isAdmitted)
    {
        var current = found.Parse();
        Deletion.CheckPreconditions(scope, current, options);
        if (!isAdmitted) { await admission.AdmitAsync(new(scope, Operation.Delete, null, current) { IsDryRun = options.DryRun, DeleteOptions = options }); }
        var deletion = Deletion.Compute(scope.Resource, current, options, clock.GetUtcNow());
        var uid = ObjectMeta.Uid(current);
        if (options.DryRun) { return new(Last(deletion, found.Revision), deletion.Step == DeletionStep.Remove, uid); }
        switch (deletion.Step)
        {
            case DeletionStep.Nothing: return new(found, false, uid);
            case DeletionStep.Mark:
                var marked = await objects.ReplaceAsync(key, deletion.Last, found.Revision, 0, scope.Aborted);
                return marked is null ? null : new(marked, false, uid);
            default:
                if (await objects.DeleteAsync(key, found.Revision, scope.Aborted) is not { } revision) { return null; }
                await rules.ReleaseAsync(scope, current);
                return new(Last(deletion, revision), true, uid);
        }
    }

    private static StoredObject Last(Deletion deletion, long revision)
    {
        var bytes = JsonCodec.Encode(deletion.Last);
        return new(ResourceVersionStamp.Replace(bytes, revision), revision);
    }
}
