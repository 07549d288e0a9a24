using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Client.Informers;

/// <summary>The objects of one kind by name, with any number of indexes over them. Safe to read while it changes.</summary>
public sealed class Indexer<T> where T : KubernetesObject
{
    private readonly Lock gate = new();
    private readonly Dictionary<NamespacedName, T> objects = [];
    private readonly Dictionary<string, Index> indexes = new(StringComparer.Ordinal);

    public int Count
    {
        get
        {
            lock (gate)
            {
                return objects.Count;
            }
        }
    }

    /// <summary>Adds an index, over what is already there too. A name that is taken keeps its index.</summary>
    public void AddIndex(string name, Func<T, IEnumerable<string>> keys)
    {
        lock (gate)
        {
            if (!indexes.TryAdd(name, new Index(keys)))
            {
                return;
            }
            foreach (var value in objects.Values)
            {
                indexes[name].Add(value);
            }
        }
    }

    public T? Find(NamespacedName key)
    {
        lock (gate)
        {
            return objects.GetValueOrDefault(key);
        }
    }

    public T[] List()
    {
        lock (gate)
        {
            return [.. objects.Values];
        }
    }

    /// <exception cref="KeyNotFoundException">There is no such index.</exception>
    public T[] ByIndex(string name, string key)
    {
        lock (gate)
        {
            return indexes[name].Find(key);
        }
    }

    /// <exception cref="KeyNotFoundException">There is no such index.</exception>
    public bool HasAny(string name, string key)
    {
        lock (gate)
        {
            return indexes[name].Contains(key);
        }
    }

    internal T? Put(T value)
    {
        lock (gate)
        {
            objects.TryGetValue(value.Key, out var old);
            objects[value.Key] = value;
            foreach (var index in indexes.Values)
            {
                if (old is not null)
                {
                    index.Remove(old);
                }
                index.Add(value);
            }
            return old;
        }
    }

    internal T? Remove(NamespacedName key)
    {
        lock (gate)
        {
            if (!objects.Remove(key, out var old))
            {
                return null;
            }
            foreach (var index in indexes.Values)
            {
                index.Remove(old);
            }
            return old;
        }
    }

    private sealed class Index(Func<T, IEnumerable<string>> keys)
    {
        private readonly Dictionary<string, Dictionary<NamespacedName, T>> entries = new(StringComparer.Ordinal);

        public bool Contains(string key) => entries.ContainsKey(key);

        public T[] Find(string key) => entries.TryGetValue(key, out var found) ? [.. found.Values] : [];

        public void Add(T value)
        {
            foreach (var key in keys(value))
            {
                if (!entries.TryGetValue(key, out var found))
                {
                    entries[key] = found = new(1);
                }
                found[value.Key] = value;
            }
        }

        public void Remove(T value)
        {
            foreach (var key in keys(value))
            {
                if (entries.TryGetValue(key, out var found) && found.Remove(value.Key) && found.Count == 0)
                {
                    entries.Remove(key);
                }
            }
        }
    }
}
