using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Admission;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>What a write came to.</summary>
/// <param name="Deleted">The write took away the last finalizer, and the object with it.</param>
internal sealed record Written(StoredObject Object, bool Created = false, bool Deleted = false);

/// <summary>
/// The way of every write: default, admit, prepare, validate, claim addresses, store; the same for created, updated and patched
/// objects, built in or custom.
/// </summary>
internal sealed class ObjectWriter(
    ObjectStore objects, AdmissionChain admission, ObjectRules rules, FieldOwnership ownership, EventLeases eventLeases, TimeProvider clock)
{
    private const int Attempts = 8;

    public async ValueTask<Written> CreateAsync(Scope scope, JsonObject obj, Func<JsonObject, JsonObject, JsonObject>? track = null)
    {
        var (request, resource) = (scope.Request, scope.Resource);
        Preparation.Locate(resource, obj, request.Info);
        if (ObjectMeta.ResourceVersion(obj).Length > 0) { throw Refusal.BadRequest("resourceVersion should not be set on objects to be created"); }
        var generateName = ObjectMeta.Text(obj["metadata"], "generateName");
        var isGenerated = ObjectMeta.Name(obj).Length == 0 && generateName.Length > 0;
        if (isGenerated) { ObjectMeta.Of(obj)["name"] = Names.Generate(generateName); }
        rules.Default(resource, obj);
        var owned = track is null ? ownership.Created(scope, obj) : track([], obj);
        await admission.MutateAsync(new(scope, Operation.Create, owned, null));
        Preparation.ForCreate(resource, owned, clock.GetUtcNow());
        rules.ValidateCreate(resource, owned);
        await admission.ValidateAsync(new(scope, Operation.Create, owned, null));
        using var claims = rules.Claim(scope, null, owned);
        var key = scope.Key(ObjectMeta.Name(owned));
        if (request.IsDryRun) { return new(await DryCreateAsync(scope, key, owned), Created: true); }
        var stored = await objects.CreateAsync(key, owned, await eventLeases.ForAsync(scope), scope.Aborted);
        if (stored is null) { throw Exists(scope, key.Name, isGenerated); }
        claims.Keep();
        return new(stored, Created: true);
    }

    /// <param name="change">From what is there to what is wanted; null from it means there is nothing to do.</param>
    public async ValueTask<Written> UpdateAsync(
        Scope scope, Func<JsonObject, JsonObject> change, Action<JsonObject, JsonObject>? prepare = null)
    {
        var key = scope.Key();
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var found = await objects.GetAsync(key, scope.Aborted) ?? throw scope.NotFound(key.Name);
            if (await TryUpdateAsync(scope, key, found, change, prepare) is { } written) { return written; }
        }

        throw Refusal.Modified(scope.GroupResource, key.Name);
    }

    private async ValueTask<Written?> TryUpdateAsync(
        Scope scope, StoreKey key, StoredObject found, Func<JsonObject, JsonObject> change, Action<JsonObject, JsonObject>? prepare)
    {
        var resource = scope.Resource;
        var current = found.Parse();
        var next = change(current.DeepClone().AsObject());
        CheckIdentity(scope, current, next);
        rules.Default(resource, next);
        (prepare ?? ((old, wanted) => Preparation.ForUpdate(resource, old, wanted)))(current, next);
        await admission.MutateAsync(new(scope, Operation.Update, next, current));
        (prepare ?? ((old, wanted) => Preparation.ForUpdate(resource, old, wanted)))(current, next);
        rules.ValidateUpdate(resource, scope.Request.Info.Subresource, current, next);
        await admission.ValidateAsync(new(scope, Operation.Update, next, current));
        if (FieldOwnership.IsSame(current, next)) { return new(found); }
        if (Deletion.IsComplete(resource, next)) { return await FinishDeletionAsync(scope, key, found, next); }
        using var claims = rules.Claim(scope, current, next);
        if (scope.Request.IsDryRun) { return new(Unstored(next, found.Revision)); }
        var stored = await objects.ReplaceAsync(key, next, found.Revision, await eventLeases.ForAsync(scope), scope.Aborted);
        if (stored is not null) { claims.Keep(); }
        return stored is null ? null : new(stored);
    }

    private async ValueTask<Written?> FinishDeletionAsync(Scope scope, StoreKey key, StoredObject found, JsonObject last)
    {
        if (scope.Request.IsDryRun) { return new(Unstored(last, found.Revision), Deleted: true); }
        var deleted = await objects.DeleteAsync(key, found.Revision, scope.Aborted);
        if (deleted is null) { return null; }
        rules.Release(scope, last);
        return new(Unstored(last, deleted.Value), Deleted: true);
    }

    private async ValueTask<StoredObject> DryCreateAsync(Scope scope, StoreKey key, JsonObject obj) =>
        await objects.GetAsync(key, scope.Aborted) is null ? Unstored(obj, 0) : throw Refusal.AlreadyExists(scope.GroupResource, key.Name);

    private static StatusException Exists(Scope scope, string name, bool isGenerated) => isGenerated
        ? Refusal.GenerateNameConflict(scope.GroupResource, name)
        : Refusal.AlreadyExists(scope.GroupResource, name);

    /// <summary>The bytes a write would have stored; revision 0 leaves the resourceVersion out, as a dry run does.</summary>
    private static StoredObject Unstored(JsonObject obj, long revision)
    {
        var metadata = ObjectMeta.Of(obj);
        metadata.Remove("resourceVersion");
        if (revision > 0) { metadata["resourceVersion"] = revision.ToString(); }
        return new(JsonCodec.Encode(obj), revision);
    }

    private static void CheckIdentity(Scope scope, JsonObject current, JsonObject next)
    {
        var name = ObjectMeta.Name(current);
        var (wantedVersion, version) = (ObjectMeta.ResourceVersion(next), ObjectMeta.ResourceVersion(current));
        var uid = ObjectMeta.Uid(next);
        if (uid.Length > 0 && uid != ObjectMeta.Uid(current))
        {
            throw Refusal.Conflict(scope.GroupResource, name,
                $"Precondition failed: UID in precondition: {uid}, UID in object meta: {ObjectMeta.Uid(current)}");
        }

        if (wantedVersion.Length > 0 && wantedVersion != version) { throw Refusal.Modified(scope.GroupResource, name); }
    }
}
