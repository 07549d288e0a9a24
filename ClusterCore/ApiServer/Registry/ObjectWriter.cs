using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Admission;
using Flotilla.ClusterCore.ApiServer.Answers;
using Flotilla.ClusterCore.ApiServer.Authorization;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>What a write came to.</summary>
/// <param name="Deleted">The write took away the last finalizer, and the object with it.</param>
internal sealed record Written(StoredObject Object, bool Created = false, bool Deleted = false);

/// <summary>
/// The way of every write: default, admit, prepare, claim addresses, validate, store; the same for created, updated and patched
/// objects, built in or custom.
/// </summary>
internal sealed class ObjectWriter(
    ObjectStore objects, AdmissionChain admission, ObjectRules rules, FieldOwnership ownership, EventLeases eventLeases, IAuthorizer authorizer,
    TimeProvider clock)
{
    private const int Attempts = 8;

    /// <param name="isApplied">Apply has settled who owns what; otherwise the writer owns all it wrote.</param>
    public async ValueTask<Written> CreateAsync(Scope scope, JsonObject obj, bool isApplied = false)
    {
        Preparation.Locate(scope.Resource, obj, scope.Request.Info);
        Preparation.ForgetDeletion(obj);
        OwnerReferences.Deduplicate(scope, obj);
        rules.Default(scope, obj);
        // Before admission: what plugins and webhooks add belongs to nobody.
        if (!isApplied) { ownership.Track(scope, null, obj); }
        var admitted = new AdmissionRequest(scope, Operation.Create, obj, null);
        await admission.MutateAsync(admitted);
        OwnerReferences.Deduplicate(scope, obj, isAdmitted: true);
        var generateName = ObjectMeta.Text(obj["metadata"], "generateName");
        if (ObjectMeta.Name(obj).Length > 0 || generateName.Length == 0)
        {
            return await AddAsync(scope, admitted) ?? throw await ExistsAsync(scope, ObjectMeta.Name(obj), generateName);
        }

        var name = "";
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            name = Names.Generate(generateName);
            var named = obj.DeepClone().AsObject();
            ObjectMeta.Of(named)["name"] = name;
            if (await AddAsync(scope, admitted with { Object = named }) is { } added) { return added; }
        }

        throw await ExistsAsync(scope, name, generateName);
    }

    /// <summary>A PUT: an object in place of the one that is there, and of kinds that PUT makes also where none is.</summary>
    public ValueTask<Written> ReplaceAsync(Scope scope, JsonObject wanted, Action<JsonObject, JsonObject>? prepare = null)
    {
        JsonObject Versioned() => ObjectMeta.ExpectedVersion(wanted).Length > 0 || !KindRules.UpdatesNameTheirVersion(scope.Resource)
            ? wanted.DeepClone().AsObject()
            : throw Refusal.Invalid(scope.Resource.Group, scope.Resource.Plural, scope.Request.Info.Name,
                [new("FieldValueInvalid", "Invalid value: 0: must be specified for an update", "metadata.resourceVersion")]);

        var creates = scope.Request.Info.Subresource.Length == 0 && KindRules.PutCreates(scope.Resource);
        return UpdateAsync(scope, new(_ => new(Versioned()), prepare ?? Prepare(scope))
        {
            Missing = ObjectMeta.Uid(wanted) is { Length: > 0 } uid ? scope.WrongUid(uid, "") : null,
            Create = creates ? () => wanted.DeepClone().AsObject() : null,
        });
    }

    /// <summary>Server-side apply, which creates what is not there.</summary>
    /// <param name="uid">Of the object that is meant, where the configuration says it.</param>
    public ValueTask<Written> ApplyAsync(Scope scope, string uid, Func<JsonObject?, JsonObject> merge, Action<JsonObject, JsonObject>? prepare) =>
        UpdateAsync(scope, new(live => new(merge(live)), prepare ?? Prepare(scope), IsApplied: true)
        {
            Missing = uid.Length == 0 ? null : Refusal.Conflict(scope.GroupResource, scope.Request.Info.Name,
                $"uid mismatch: the provided object specified uid {uid}, and no existing object was found"),
            Create = scope.Request.Info.Subresource.Length == 0 ? () => merge(null) : null,
        });

    /// <param name="change">From what is there to what is wanted. Called again when somebody else was faster.</param>
    /// <param name="prepare">What of the wanted object the endpoint lets through; the object itself when null.</param>
    public ValueTask<Written> UpdateAsync(
        Scope scope, Func<JsonObject, JsonObject> change, Action<JsonObject, JsonObject>? prepare = null) =>
        UpdateAsync(scope, new(current => new(change(current)), prepare ?? Prepare(scope)));

    /// <summary>Through a subresource that shows the object as something else, a Scale or a Binding: admission saw that, not the object.</summary>
    public ValueTask<Written> UpdateAdmittedAsync(
        Scope scope, Func<JsonObject, ValueTask<JsonObject>> change, Action<JsonObject, JsonObject>? prepare = null) =>
        UpdateAsync(scope, new(change, prepare ?? Prepare(scope), IsAdmitted: true));

    /// <summary>What the server itself writes into an object: it needs no defaults and no checks, and nobody owns it.</summary>
    public async ValueTask AmendAsync(Scope scope, Action<JsonObject> amend)
    {
        var key = scope.Key();
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var found = await objects.GetAsync(key, scope.Aborted) ?? throw scope.NotFound(key.Name);
            var obj = StoredVersions.Read(scope, found.Parse());
            amend(obj);
            if (scope.Request.IsDryRun || await objects.ReplaceAsync(key, obj, found.Revision, 0, scope.Aborted) is not null) { return; }
        }

        throw Refusal.Modified(scope.GroupResource, key.Name);
    }

    /// <summary>Null when one of that name is there already.</summary>
    private async ValueTask<Written?> AddAsync(Scope scope, AdmissionRequest admitted)
    {
        var obj = admitted.Object!;
        var ownVersion = ObjectMeta.ExpectedVersion(obj);
        Preparation.ForCreate(scope.Resource, obj, clock.GetUtcNow());
        BirthRules.Apply(scope, obj);
        await using var claims = await rules.ClaimAsync(scope, null, obj);
        rules.ValidateCreate(scope, obj);
        CheckMayCreate(scope);
        await admission.ValidateAsync(admitted);
        var key = scope.Key(ObjectMeta.Name(obj));
        if (scope.Request.IsDryRun)
        {
            return await objects.GetAsync(key, scope.Aborted) is null ? new(Unstored(obj, 0), Created: true) : null;
        }

        if (ulong.TryParse(ownVersion, out _)) { throw Refusal.BadRequest("resourceVersion should not be set on objects to be created"); }
        var stored = await objects.CreateAsync(key, obj, await eventLeases.ForAsync(scope), scope.Aborted);
        if (stored is null) { return null; }
        claims.Keep();
        return new(stored, Created: true);
    }

    private static Action<JsonObject, JsonObject> Prepare(Scope scope) => (old, wanted) => Preparation.ForUpdate(scope.Resource, old, wanted);

    private async ValueTask<Written> UpdateAsync(Scope scope, Update update)
    {
        var key = scope.Key();
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var found = await objects.GetAsync(key, scope.Aborted);
            var written = found is null ? await TryCreateAsync(scope, update) : await TryUpdateAsync(scope, key, found, update);
            if (written is not null) { return written; }
        }

        throw Refusal.Modified(scope.GroupResource, key.Name);
    }

    /// <summary>Who may write over an object may not for that make one: every other verb that comes to a creation asks for this one too.</summary>
    private void CheckMayCreate(Scope scope)
    {
        if (scope.Request.Info.Verb == "create") { return; }
        var attributes = Attributes.Of(scope.Request.User, scope.Request.Info) with { Verb = "create" };
        var decision = authorizer.Authorize(attributes);
        if (!decision.Allowed) { throw AccessRefusal.For(attributes, decision.Reason); }
    }

    private sealed record Update(
        Func<JsonObject, ValueTask<JsonObject>> Change, Action<JsonObject, JsonObject> Prepare, bool IsApplied = false, bool IsAdmitted = false)
    {
        /// <summary>The refusal where nothing is there, if it is another than "not found".</summary>
        public StatusException? Missing { get; init; }

        /// <summary>What is made where nothing is there, if anything.</summary>
        public Func<JsonObject>? Create { get; init; }
    }

    private async ValueTask<Written?> TryCreateAsync(Scope scope, Update update)
    {
        if (update.Missing is { } refusal) { throw refusal; }
        var wanted = update.Create?.Invoke() ?? throw scope.NotFound(scope.Request.Info.Name);
        // What it is a version of is gone: that alone is nothing against it.
        ObjectMeta.Of(wanted).Remove("resourceVersion");
        try
        {
            return await CreateAsync(scope, wanted, update.IsApplied);
        }
        catch (StatusException exists) when (exists.Status.Reason == "AlreadyExists")
        {
            // Somebody else has just made it: then this is an update.
            return null;
        }
    }

    private async ValueTask<Written?> TryUpdateAsync(Scope scope, StoreKey key, StoredObject found, Update update)
    {
        var resource = scope.Resource;
        var current = StoredVersions.Read(scope, found.Parse());
        var next = await update.Change(current.DeepClone().AsObject());
        CheckIdentity(scope, current, next);
        if (scope.Request.Info.Verb == "update") { OwnerReferences.Deduplicate(scope, next); }
        rules.Default(scope, next);
        update.Prepare(current, next);
        if (!update.IsApplied) { ownership.Track(scope, current, next); }
        var admitted = new AdmissionRequest(scope, Operation.Update, next, current);
        if (!update.IsAdmitted) { await admission.MutateAsync(admitted); }
        OwnerReferences.Deduplicate(scope, next, isAdmitted: true);
        // Once more: admission may have touched what only the server writes.
        update.Prepare(current, next);
        await using var claims = await rules.ClaimAsync(scope, current, next);
        rules.ValidateUpdate(scope, current, next);
        if (!update.IsAdmitted) { await admission.ValidateAsync(admitted); }
        if (FieldOwnership.IsSame(current, next)) { return new(found); }
        if (Deletion.IsComplete(resource, next)) { return await FinishDeletionAsync(scope, key, found, next); }
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
        await rules.ReleaseAsync(scope, last);
        return new(Unstored(last, deleted.Value), Deleted: true);
    }

    private async ValueTask<StatusException> ExistsAsync(Scope scope, string name, string generateName)
    {
        var refusal = generateName.Length > 0 ? Refusal.GenerateNameConflict(scope.GroupResource, name) : Refusal.AlreadyExists(scope.GroupResource, name);
        var isDeleting = await objects.GetAsync(scope.Key(name), scope.Aborted) is { } other && ObjectMeta.IsDeleting(other.Parse());
        return isDeleting ? new(refusal.Status with { Message = $"object is being deleted: {refusal.Message}" }) : refusal;
    }

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
        var (wantedVersion, version) = (ObjectMeta.ExpectedVersion(next), ObjectMeta.ResourceVersion(current));
        var uid = ObjectMeta.Uid(next);
        var isOther = uid.Length > 0 && uid != ObjectMeta.Uid(current);
        // A PUT is of an object of that uid; a patch is of what is there, and changes its uid.
        if (isOther && scope.Request.Info.Verb == "update") { throw scope.WrongUid(uid, ObjectMeta.Uid(current)); }
        if (wantedVersion.Length > 0 && wantedVersion != version) { throw Refusal.Modified(scope.GroupResource, name); }
        if (isOther) { throw ObjectRules.Invalid(scope.Resource, name, [FieldError.Invalid("metadata.uid", uid, "field is immutable")]); }
    }
}
